using Reasoning.Models;
using Reasoning.Models.Devices;
using Reasoning.Models.Policies;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using TorchSharp.Modules;

namespace Reasoning.Trainer.Methods;

/// <summary>What the program knows of a method before it runs: recipes, help, console and docs/metrics.md are made from this.</summary>
/// <param name="Name">The word for it in recipes (<c>objective</c>).</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Source">Paper and section.</param>
/// <param name="Create">Begins it for one run.</param>
internal sealed record MethodDeclaration(string Name, string Summary, string Source, Func<MethodContext, Method> Create)
{
    /// <summary>Its settings with their defaults; methods may share a record of them.</summary>
    public IReadOnlyList<MethodSettings> Settings { get; init; } = [];

    /// <summary>What it measures beside <see cref="Metrics"/>.</summary>
    public IReadOnlyList<Metric> Metrics { get; init; } = [];

    /// <summary>What the line of a step shows: a label, a metric, and how many digits.</summary>
    public required IReadOnlyList<(string Label, Metric Metric, int Digits)> Shown { get; init; }

    /// <summary>Whether it learns from advantages, so that answers need a reward.</summary>
    public bool UsesRewards { get; init; }

    /// <summary>Whether it needs what learns as it was at the start (<see cref="Loop.Learner.StartValues"/>), which costs a copy.</summary>
    public bool KeepsStart { get; init; }

    /// <summary>Refuses settings that contradict it, with a <see cref="UserErrorException"/>.</summary>
    public Action<Recipe>? Check { get; init; }

}

/// <summary>Settings of a method or a reward, declared with <see cref="SettingAttribute"/>; found in a recipe by their type.</summary>
internal abstract record MethodSettings;

/// <summary>What a method gets when a run begins.</summary>
/// <param name="Policy">The model that samples and learns, with its adapters.</param>
/// <param name="Recipe">All settings.</param>
/// <param name="StartModel">Folder of the model as it was before.</param>
/// <param name="Device">Where to compute.</param>
/// <param name="Learning">
/// What the optimizer moves, as in <see cref="Loop.Learner.Parameters"/>; still at the start, also where a run is then resumed.
/// </param>
internal sealed record MethodContext(
    Policy Policy, Recipe Recipe, string StartModel, ComputeDevice Device, IReadOnlyList<(string Name, Parameter Parameter)> Learning);
