using Reasoning.Models.Devices;
using Reasoning.Models.Policies;
using Reasoning.Trainer.Distributed;
using Reasoning.Trainer.Recipes;
using TorchSharp.Modules;

namespace Reasoning.Trainer.Learning;

/// <summary>An objective that this program can run.</summary>
/// <param name="Name">The word for it in recipes (<c>objective</c>).</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Source">Paper and section.</param>
/// <param name="Create">Makes it for one run.</param>
internal sealed record MethodDeclaration(string Name, string Summary, string Source, Func<MethodContext, Method> Create)
    : Objective(Name, Summary, Source)
{
    /// <summary>Rules for damage that only this method can show; the guard checks them besides those of every run.</summary>
    public IReadOnlyList<GuardRule> Rules { get; init; } = [];
}

/// <summary>What a method gets when a run begins.</summary>
/// <param name="Policy">The model that samples and learns, with its adapters.</param>
/// <param name="Recipe">All settings.</param>
/// <param name="StartModel">Folder of the model as it was before.</param>
/// <param name="Device">Where to compute.</param>
/// <param name="Learning">What the optimizer moves, as in <see cref="Learner.Parameters"/>; still at the start, also where a run is then resumed.</param>
internal sealed record MethodContext(
    Policy Policy, Recipe Recipe, string StartModel, ComputeDevice Device, IReadOnlyList<(string Name, Parameter Parameter)> Learning)
{
    /// <summary>Who trains together.</summary>
    public Ranks Ranks { get; init; } = new();
}
