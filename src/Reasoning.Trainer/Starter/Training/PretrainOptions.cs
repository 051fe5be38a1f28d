using Reasoning.Models;
using Reasoning.Models.Config;
using Reasoning.Models.Devices;
using Reasoning.Trainer.Starter.Data;
using TorchSharp;

namespace Reasoning.Trainer.Starter.Training;

/// <summary>How a starter model is made. The defaults make the one that is shipped.</summary>
public sealed record PretrainOptions
{
    /// <summary>Folder of the checkpoint.</summary>
    public required string Out { get; init; }

    /// <summary>Names the initial weights and the training problems.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Optimizer steps.</summary>
    public int Steps { get; init; } = 2000;

    /// <summary>Problems in one step, each read once; 64 are about 3,200 tokens.</summary>
    public int ProblemsPerStep { get; init; } = 64;

    /// <summary>Minutes after which training ends early, with what it has; 0 for no limit.</summary>
    public double MaxMinutes { get; init; }

    /// <summary>Steps between two lines of the log.</summary>
    public int LogEvery { get; init; } = 20;

    /// <summary>Highest learning rate of AdamW.</summary>
    public double LearningRate { get; init; } = 2.5e-3;

    /// <summary>Steps over which the learning rate rises from zero.</summary>
    public int WarmupSteps { get; init; } = 100;

    /// <summary>Decay of weight matrices; norms have none.</summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>Largest norm of the gradient.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Whether products are computed in bfloat16, as the setting <c>compute</c> of a recipe does.</summary>
    public bool Bfloat16 { get; init; }

    /// <summary>Which problems it is trained on.</summary>
    public TrainingMix Mix { get; init; } = TrainingMix.Starter;

    /// <summary>Problems from which the tokenizer learns its vocabulary.</summary>
    public int TokenizerProblems { get; init; } = 20_000;

    /// <summary>The shape of the model. Its vocabulary is the largest allowed; the tokenizer may find fewer tokens.</summary>
    public ModelConfig Model { get; init; } = new()
    {
        ModelType = "qwen3",
        HiddenSize = 192,
        IntermediateSize = 512,
        Layers = 7,
        Heads = 6,
        KeyValueHeads = 2,
        HeadDim = 32,
        VocabSize = 640,
        MaxPositions = 1024,
        TieWordEmbeddings = true,
    };

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="UserErrorException">A value is out of range; the message names it.</exception>
    internal void Check()
    {
        Require(Steps >= 1, "steps", Steps, "at least 1");
        Require(ProblemsPerStep >= 1, "problems per step", ProblemsPerStep, "at least 1");
        Require(MaxMinutes >= 0, "minutes", MaxMinutes, "at least 0");
        Require(LogEvery >= 1, "log interval", LogEvery, "at least 1");
        Require(LearningRate is > 0 and < 1, "learning rate", LearningRate, "between 0 and 1");
        Require(WarmupSteps >= 0, "warm-up", WarmupSteps, "at least 0");
        Require(WeightDecay >= 0, "weight decay", WeightDecay, "at least 0");
        Require(ClipNorm > 0, "gradient clip", ClipNorm, "above 0");
        if (Bfloat16) Bfloat16Units.Require(torch.CPU, "pretrain: compute bfloat16");
        Require(TokenizerProblems >= 1, "tokenizer problems", TokenizerProblems, "at least 1");
    }

    private static void Require(bool holds, string name, object value, string range)
    {
        if (!holds) throw new UserErrorException($"pretrain: {name} {value} is out of range: {range}");
    }
}
