using Reasoning.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Checkpoints;

/// <summary>
/// Names and values of what an optimizer remembers, so that it can be written beside the weights and put back bit by bit.
/// </summary>
internal static class OptimizerMoments
{
    private const string First = ".exp_avg";
    private const string Second = ".exp_avg_sq";
    private const string Direction = ".momentum_buffer";

    /// <summary>The tensors to write.</summary>
    /// <param name="optimizer">An AdamW or SGD over one group.</param>
    /// <param name="names">Names of its parameters, in its order.</param>
    /// <param name="steps">Takes the number of updates of each parameter that has one.</param>
    public static IEnumerable<SafeTensorSource> Sources(
        OptimizerHelper optimizer, IReadOnlyList<string> names, Dictionary<string, long> steps)
    {
        List<OptimizerState> states = optimizer.state_dict().State;
        for (int i = 0; i < names.Count; i++)
        {
            switch (states[i])
            {
                case AdamW.State adam:
                    steps[names[i]] = adam.step;
                    yield return TensorFiles.Source(names[i] + First, adam.exp_avg);
                    yield return TensorFiles.Source(names[i] + Second, adam.exp_avg_sq);
                    break;
                case SGD.State { momentum_buffer: { } buffer }:
                    yield return TensorFiles.Source(names[i] + Direction, buffer);
                    break;
            }
        }
    }

    /// <summary>Puts everything back.</summary>
    public static void Restore(
        OptimizerHelper optimizer, IReadOnlyList<(string Name, Parameter Parameter)> parameters, SafeTensorsReader file,
        IReadOnlyDictionary<string, long> steps)
    {
        List<OptimizerState> states = optimizer.state_dict().State;
        for (int i = 0; i < parameters.Count; i++)
        {
            (string name, Parameter parameter) = parameters[i];
            switch (states[i])
            {
                case AdamW.State adam:
                    adam.step = steps.GetValueOrDefault(name);
                    TensorFiles.Fill(adam.exp_avg, file, name + First);
                    TensorFiles.Fill(adam.exp_avg_sq, file, name + Second);
                    break;
                case SGD.State sgd when file.Entries.ContainsKey(name + Direction):
                    sgd.momentum_buffer = zeros_like(parameter).DetachFromDisposeScope();
                    TensorFiles.Fill(sgd.momentum_buffer, file, name + Direction);
                    break;
            }
        }
    }
}
