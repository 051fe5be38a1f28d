namespace Reasoning.Models.Generation;

/// <summary>Asks for samples <paramref name="FirstSample"/> … <paramref name="FirstSample"/> + <paramref name="Samples"/> − 1 of one prompt.</summary>
/// <param name="PromptId">Names the prompt; part of the key of every draw, so equal ids give equal rollouts.</param>
/// <param name="PromptIds">The rendered prompt, special tokens included; at least one id.</param>
/// <param name="Samples">Number of rollouts; zero is allowed.</param>
/// <param name="FirstSample">Number of the first rollout: asking for 8 and then for 8 more from 8 equals asking for 16.</param>
public sealed record GenerationRequest(string PromptId, int[] PromptIds, int Samples, int FirstSample = 0);
