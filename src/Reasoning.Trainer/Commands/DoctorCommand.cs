using System.CommandLine;
using Reasoning.Models;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Objectives;
using Reasoning.Trainer.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Commands;

/// <summary><c>doctor</c>: what this installation is, and whether it computes.</summary>
internal static class DoctorCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command(
            "doctor", "Self-test of the installation: versions, threads, a product with its gradient, a small model with its gradient.");
        command.SetAction(_ =>
        {
            var machine = new Machine();
            string commit = machine.Commit is { Length: > 12 } full ? $", commit {full[..12]}" : "";
            terminal.Out.WriteLine($"program    {machine.Program}{commit}");
            terminal.Out.WriteLine(
                $"backend    {machine.BackendName} on {machine.Device} (TorchSharp assembly {typeof(torch).Assembly.GetName().Version})");
            terminal.Out.WriteLine($"runtime    {machine.Runtime}, {machine.OperatingSystem}, {machine.Architecture}");
            terminal.Out.WriteLine($"threads    {machine.Threads}, vector units {machine.VectorUnits}");
            bool sound = Check("product and gradient", ProductAndGradient) & Check("model and gradient", ModelAndGradient);
            return sound ? ExitCode.Done : ExitCode.Failed;
        });
        return command;

        bool Check(string name, Func<string?> test)
        {
            string? problem;
            try
            {
                problem = test();
            }
            catch (Exception e)
            {
                problem = e.ToString();
            }

            terminal.Out.WriteLine(problem is null ? $"ok         {name}" : $"FAILED     {name}: {problem}");
            return problem is null;
        }
    }

    /// <summary>For y = Σ (A B), dy/dA is the row sums of B: known without another product.</summary>
    private static string? ProductAndGradient()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = arange(12, dtype: ScalarType.Float32).view(3, 4).requires_grad_(true);
        Tensor b = arange(20, dtype: ScalarType.Float32).view(4, 5);
        Tensor sum = a.mm(b).sum();
        sum.backward();
        float[] expected = [10, 35, 60, 85, 10, 35, 60, 85, 10, 35, 60, 85];
        if (sum.item<float>() != 3510) return $"the sum is {sum.item<float>()}, not 3510";
        return Floats.Of(a.grad!).SequenceEqual(expected) ? null : "the gradient is wrong";
    }

    private static string? ModelAndGradient()
    {
        using DisposeScope scope = NewDisposeScope();
        var config = new ModelConfig
        {
            ModelType = "qwen3",
            HiddenSize = 16,
            IntermediateSize = 32,
            Layers = 2,
            Heads = 2,
            VocabSize = 32,
            QkNorm = true,
            TieWordEmbeddings = true,
        };
        using CausalLM model = CausalLM.Create(config, seed: 1);
        model.Select(TrainableSet.All);
        Tensor hidden = model.Hidden(new PackedSequences([[1, 2, 3, 4]]));
        HeadScores scores = OutputHead.Score(hidden, model.HeadWeight, tensor(new long[] { 2, 3, 4, 5 }));
        double entropy = scores.Entropy.mean().item<float>(), most = Math.Log(32);
        if (Math.Abs(entropy - most) > 0.1) return $"entropy {entropy} of a fresh model should be near ln 32 = {most}";
        scores.LogProb.sum().neg().backward();
        return model.named_parameters().All(pair => pair.parameter.grad is { } grad && Floats.Of(grad).All(float.IsFinite))
            ? null
            : "a gradient is missing or not finite";
    }
}
