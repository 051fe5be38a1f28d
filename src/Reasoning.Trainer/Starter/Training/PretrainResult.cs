namespace Reasoning.Trainer.Starter.Training;

/// <summary>How a pretraining run ended.</summary>
/// <param name="Steps">Steps made; fewer than asked for where time ran out or the run was stopped.</param>
/// <param name="Problems">Training problems read.</param>
/// <param name="Tokens">Tokens read, prompts included.</param>
/// <param name="Parameters">Parameters of the model.</param>
/// <param name="FirstLoss">Loss of the first step, in nats for each answer token; not a number where there was none.</param>
/// <param name="Loss">Running mean of the loss at the end, likewise.</param>
/// <param name="Elapsed">Duration of training.</param>
public sealed record PretrainResult(int Steps, long Problems, long Tokens, long Parameters, double FirstLoss, double Loss, TimeSpan Elapsed);
