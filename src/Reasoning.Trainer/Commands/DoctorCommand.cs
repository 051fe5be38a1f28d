using System.CommandLine;
using Reasoning.Llama;
using Reasoning.Models;
using Reasoning.Models.Config;
using Reasoning.Models.Devices;
using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Distributed;
using Reasoning.Trainer.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Commands;

/// <summary><c>doctor</c>: what this installation is, and whether it computes.</summary>
internal static class DoctorCommand
{
    private const string Reinstall = "build again, or see docs/devices.md for the libraries it needs";

    public static Command Create(Terminal terminal, Launch launch)
    {
        var command = new Command(
            "doctor",
            "Self-test of the installation: versions, native libraries with their paths, memory, threads, and on each device a matrix product and a "
                + "small model with their gradients, and a model that learns to repeat a sequence. On failure it exits with 1 and says how to fix the "
                + "first one.");
        command.SetAction(_ =>
        {
            string? first = null;
            foreach (string library in NativeLibraries.Torch)
                Check(library, () => Load(library), Reinstall);
            if (first is not null) return Failed(); // nothing below can be asked without them
            Describe(terminal);
            List<ComputeDevice> devices = [ComputeDevice.Cpu];
            if (ComputeDevice.HasCuda)
            {
                Check(
                    "CUDA",
                    () =>
                    {
                        devices.AddRange(ComputeDevice.EveryCuda());
                        return null;
                    },
                    "install the driver and libraries that do not load, or run with --device cpu");
            }

            foreach (ComputeDevice device in devices)
            {
                if (DeviceMemory.Of(device) is { } memory)
                    terminal.Out.WriteLine($"memory     {memory.Free >> 20} of {memory.Total >> 20} MiB free on {device.Name}");
                Check($"{device.Name}: product and gradient", () => ProductAndGradient(device), Reinstall);
                Check($"{device.Name}: model and gradient", () => ModelAndGradient(device), Reinstall);
                Check($"{device.Name}: training and sampling", () => TrainingAndSampling(device), Reinstall);
            }

            Check(
                LlamaEngine.Library,
                () =>
                {
                    LlamaEngine.Load(devices[^1]);
                    return null;
                },
                $"{Reinstall}; only --engine llama needs it");

            nint? mpi = MpiCommunicator.Library(out string why);
            if (mpi is not null)
                terminal.Out.WriteLine($"ok         Open MPI, to train on several ranks  {NativeLibraries.Loaded("libmpi.")}");
            else if (launch.IsOneOfSeveral)
                Check("Open MPI", () => why, "install it (Debian: libopenmpi3), or start without mpirun");

            return first is null ? ExitCode.Done : Failed();

            int Failed()
            {
                terminal.Progress($"error: {first}");
                return ExitCode.Failed;
            }

            void Check(string name, Func<string?> test, string cure)
            {
                string? problem;
                try
                {
                    problem = test();
                }
                catch (UserErrorException e)
                {
                    problem = e.Message;
                }
                catch (Exception e)
                {
                    problem = e.ToString();
                }

                string path = problem is null && NativeLibraries.Loaded(name) is { } loaded ? $"  {loaded}" : "";
                terminal.Out.WriteLine(problem is null ? $"ok         {name}{path}" : $"FAILED     {name}: {problem}");
                if (problem is not null) first ??= $"{name} failed first; {cure}";
            }
        });
        return command;
    }

    private static void Describe(Terminal terminal)
    {
        var machine = new Machine();
        string commit = machine.Commit is { Length: > 12 } full ? $", commit {full[..12]}" : "";
        terminal.Out.WriteLine($"program    {machine.Program}{commit}, {AppContext.BaseDirectory}");
        terminal.Out.WriteLine($"engine     {machine.Engine}");
        terminal.Out.WriteLine($"runtime    {machine.Runtime}, {machine.OperatingSystem}, {machine.Architecture}");
        terminal.Out.WriteLine($"threads    {machine.Threads} of {Environment.ProcessorCount} processors, vector units {machine.VectorUnits}");
        terminal.Out.WriteLine(
            $"memory     {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20} MiB for this process, {Environment.WorkingSet >> 20} MiB in use");
    }

    private static string? Load(string library)
    {
        NativeLibraryProbe probe = NativeLibraryProbe.Load(library);
        return probe.Error is null
            ? null
            : $"{probe.Path ?? "by name"}: {probe.Error}; folders asked: {string.Join(", ", NativeLibraryProbe.Folders)}";
    }

    /// <summary>For y = Σ (A B), dy/dA is the row sums of B: known without another product.</summary>
    private static string? ProductAndGradient(ComputeDevice device)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = Arithmetic.Range(12, ScalarType.Float32, device.Device).view(3, 4).requires_grad_(true);
        Tensor b = Arithmetic.Range(20, ScalarType.Float32, device.Device).view(4, 5);
        Tensor sum = a.mm(b).sum();
        sum.backward();
        float[] expected = [10, 35, 60, 85, 10, 35, 60, 85, 10, 35, 60, 85];
        if (sum.item<float>() != 3510) return $"the sum is {sum.item<float>()}, not 3510";
        return Floats.Of(a.grad!).SequenceEqual(expected) ? null : "the gradient is wrong";
    }

    private static string? ModelAndGradient(ComputeDevice device)
    {
        using DisposeScope scope = NewDisposeScope();
        using CausalLM model = SmallModel(device);
        model.Select(TrainableSet.All);
        Tensor hidden = model.Hidden(new PackedSequences([[1, 2, 3, 4]]));
        Tensor targets = tensor(new long[] { 2, 3, 4, 5 }, device: device.Device);
        double entropy = OutputHead.Score(hidden, model.HeadWeight, targets).Entropy.mean().item<float>(), most = Math.Log(32);
        if (Math.Abs(entropy - most) > 0.1) return $"entropy {entropy} of a fresh model should be near ln 32 = {most}";
        OutputHead.Backward([hidden], model.HeadWeight, rows => LogitRows.Pick(rows.LogProbs(), rows.Of(targets)).sum().neg());
        return model.named_parameters().All(pair => pair.parameter.grad is { } grad && Floats.Of(grad).All(float.IsFinite))
            ? null
            : "a gradient is missing or not finite";
    }

    private static string? TrainingAndSampling(ComputeDevice device)
    {
        int[] sequence = [3, 1, 4, 15, 9, 2, 6, 5];
        using DisposeScope scope = NewDisposeScope();
        using CausalLM model = SmallModel(device);
        using var optimizer = Optimizer.AdamW(model.Select(TrainableSet.All), 0.9, 0.99, _ => 0);
        Tensor targets = tensor((long[])[.. sequence.Skip(1).Select(id => (long)id)], device: device.Device);
        double loss = double.NaN;
        for (int step = 0; step < 100; step++)
        {
            using DisposeScope one = NewDisposeScope();
            Tensor sum = OutputHead.Backward(
                [model.Hidden(new PackedSequences([sequence[..^1]]))], model.HeadWeight,
                rows => LogitRows.Pick(rows.LogProbs(), rows.Of(targets)).sum().neg());
            double[] values = Floats.Numbers([sum, optimizer.GradientNorm()]);
            optimizer.Step(0.02, Optimizer.ClipScale(values[1], 1));
            optimizer.ZeroGrad();
            loss = values[0];
        }

        int[] repeated = new Models.Generation.Generator(model, []).Generate(
            [new GenerationRequest("doctor", sequence[..1], 1)], new SamplingOptions { Temperature = 0, MaxNewTokens = sequence.Length - 1 })[0][0].Ids;
        return repeated.SequenceEqual(sequence.Skip(1))
            ? null
            : $"after 100 updates (loss {loss}) {string.Join(' ', sequence)} is continued by {string.Join(' ', repeated)}";
    }

    private static CausalLM SmallModel(ComputeDevice device)
    {
        var config = new ModelConfig
        {
            ModelType = "qwen3",
            HiddenSize = 16,
            IntermediateSize = 32,
            Layers = 2,
            Heads = 2,
            VocabSize = 32,
            TieWordEmbeddings = true,
        };
        CausalLM model = CausalLM.Create(config, seed: 1);
        model.MoveTo(device);
        return model;
    }
}
