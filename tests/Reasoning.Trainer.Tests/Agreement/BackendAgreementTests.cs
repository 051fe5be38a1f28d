using System.Text.Json;
using Reasoning.Models;
using Reasoning.Trainer.Objectives;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Tests.Starter;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Tests.Agreement;

/// <summary>
/// Two builds of the program compute the same. Each writes what it computed into the folder that REASONING_AGREEMENT names, under the
/// name of its backend, and compares with what the others left there: run the tests once per backend.
/// </summary>
public sealed class BackendAgreementTests(ITestOutputHelper output)
{
    private const string Variable = "REASONING_AGREEMENT";

    /// <summary>Metrics of a step that follow from the arithmetic, not from the clock.</summary>
    private static readonly string[] s_metrics =
    [
        Metrics.Loss, Metrics.Entropy, Metrics.OnlineEntropy, Metrics.Divergence, Metrics.GradNorm, Metrics.Reward, Metrics.VoteShare,
        Metrics.AnswerTokens, Metrics.Ratio,
    ];

    [Theory]
    [InlineData("starter")]
    [InlineData("stories260k")]
    public void Logits_and_gradients_agree(string name)
    {
        if (OwnFolder() is not { } own)
            return;
        string model = name == "starter" ? Repository.Path("checkpoints", "starter") : Path.Combine(Shared(), "models", name);
        if (!Directory.Exists(model))
        {
            output.WriteLine($"not run: there is no {model}; set REASONING_SHARED");
            return;
        }

        string file = Path.Combine(own, $"{name}.safetensors");
        SafeTensorsWriter.Write(file, Compute(model));
        foreach (string other in Others(own, $"{name}.safetensors"))
        {
            using SafeTensorsReader mine = SafeTensorsReader.Open(file), theirs = SafeTensorsReader.Open(other);
            Assert.Equal(theirs.Entries.Keys.Order(), mine.Entries.Keys.Order());
            double values = 0, gradients = 0;
            foreach (string entry in mine.Entries.Keys)
            {
                float[] a = Read(mine, entry), b = Read(theirs, entry);
                if (entry.StartsWith("grad.", StringComparison.Ordinal))
                    gradients = Math.Max(gradients, Distance(a, b) / Math.Max(1e-12, Norm(b)));
                else
                    values = Math.Max(values, a.Zip(b, (x, y) => Math.Abs(x - y)).Max());
            }

            output.WriteLine($"{name} against {other}: logits, log-probabilities and entropies within {values:E2}; gradients within {gradients:E2} of their norms");
            Assert.True(values <= 1e-4, $"logits, log-probabilities or entropies differ by {values:E2}");
            Assert.True(gradients <= 1e-4, $"a gradient differs by {gradients:E2} of its norm");
        }
    }

    [Theory]
    [InlineData("zerosiam")]
    [InlineData("ttrl")]
    [InlineData("evol-rl")]
    public void Five_training_steps_agree(string recipe)
    {
        if (OwnFolder() is not { } own)
            return;
        string folder = Path.Combine(own, recipe);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Cli run = Cli.Run(
            "train", "--recipe", recipe, "--model", Repository.Path("checkpoints", "starter"), "--prompts", Repository.Path("data", "shifted.jsonl"),
            "--out", folder, "--steps", "5", "--set", "prompts-per-step=8", "--set", "eval-samples=0");
        Assert.True(run.ExitCode == 0, run.Error);

        foreach (string other in Others(own, recipe))
        {
            RunFolder mine = RunFolder.Open(folder), theirs = RunFolder.Open(other);
            string[] a = File.ReadAllLines(mine.SamplesFile), b = File.ReadAllLines(theirs.SamplesFile);
            int same = a.Zip(b, (x, y) => Answer(x) == Answer(y) ? 1 : 0).Sum();
            (string name, double metric) = s_metrics.Select(m => (m, Metric(mine, theirs, m))).MaxBy(pair => pair.Item2);
            double weights = Weights(mine.ModelFolder, theirs.ModelFolder);
            output.WriteLine(
                $"{recipe} against {other}: {same} of {a.Length} answers are the same tokens; metrics within {metric:E2} ({name}), weights within {weights:E2}");
            Assert.Equal(b.Length, a.Length);
            Assert.True(weights <= 1e-3, $"weights differ by {weights:E2}");
            if (same == a.Length) // another token is another step: then only the weights are held
                Assert.True(metric <= 1e-3, $"{name} differs by {metric:E2}");
        }
    }

    private static List<SafeTensorSource> Compute(string folder)
    {
        using DisposeScope scope = NewDisposeScope();
        using CausalLM model = CausalLM.Load(folder);
        model.Select(TrainableSet.All);
        var random = new KeyedStream(7);
        var sequences = new List<int[]>();
        foreach (int length in (int[])[40, 1, 17, 64])
        {
            var ids = new int[length];
            for (int i = 0; i < length; i++)
                ids[i] = random.NextInt(model.Config.VocabSize);
            sequences.Add(ids);
        }

        var batch = new PackedSequences(sequences);
        long[] targets = [.. batch.Ids.Skip(1).Select(id => (long)id), 0];
        Tensor hidden = model.Hidden(batch); // [tokens, width]
        HeadScores scores = OutputHead.Score(hidden, model.HeadWeight, tensor(targets));
        Tensor logits = nn.functional.linear(hidden.detach(), model.HeadWeight.detach()); // [tokens, vocab]
        (scores.LogProb.mean().neg() + (scores.Entropy.mean() * 0.1)).backward();

        var tensors = new List<SafeTensorSource> { Source("logits", logits), Source("logprob", scores.LogProb), Source("entropy", scores.Entropy) };
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in model.named_parameters())
            tensors.Add(Source($"grad.{name}", parameter.grad!));
        return tensors;

        static SafeTensorSource Source(string name, Tensor values) => new(name, values.shape, SafeTensorsDType.F32, Floats.Of(values));
    }

    private string? OwnFolder()
    {
        string? folder = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(folder))
        {
            output.WriteLine($"not run: set {Variable} to a folder and run this with each backend");
            return null;
        }

        string own = Path.Combine(Path.GetFullPath(folder), Machine.Backend);
        Directory.CreateDirectory(own);
        return own;
    }

    private List<string> Others(string own, string name)
    {
        List<string> others =
        [
            .. Directory.GetDirectories(Path.GetDirectoryName(own)!).Where(folder => folder != own).Select(folder => Path.Combine(folder, name))
                .Where(path => File.Exists(path) || Directory.Exists(path)),
        ];
        if (others.Count == 0)
            output.WriteLine($"written to {own}; nothing to compare with yet");
        return others;
    }

    private static string Shared()
    {
        if (Environment.GetEnvironmentVariable("REASONING_SHARED") is { Length: > 0 } folder)
            return folder;
        return Path.Combine(Path.GetDirectoryName(Repository.Path())!, "shared");
    }

    /// <summary>Largest difference of a metric over the steps, relative where the metric is larger than one.</summary>
    private static double Metric(RunFolder mine, RunFolder theirs, string name)
    {
        double largest = 0;
        foreach ((double a, double b) in Values(mine, name).Zip(Values(theirs, name)))
            largest = Math.Max(largest, Math.Abs(a - b) / Math.Max(1, Math.Abs(b)));
        return largest;
    }

    private static IEnumerable<double> Values(RunFolder run, string metric)
    {
        foreach (string line in File.ReadLines(run.MetricsFile))
        {
            using JsonDocument step = JsonDocument.Parse(line);
            if (step.RootElement.TryGetProperty(metric, out JsonElement value) && value.ValueKind == JsonValueKind.Number)
                yield return value.GetDouble();
        }
    }

    private static double Weights(string mine, string theirs)
    {
        double largest = 0;
        using SafeTensorsReader a = SafeTensorsReader.Open(Path.Combine(mine, "model.safetensors"));
        using SafeTensorsReader b = SafeTensorsReader.Open(Path.Combine(theirs, "model.safetensors"));
        foreach (string name in a.Entries.Keys)
            largest = Math.Max(largest, Read(a, name).Zip(Read(b, name), (x, y) => Math.Abs(x - y)).Max());
        return largest;
    }

    private static string Answer(string line)
    {
        using JsonDocument sample = JsonDocument.Parse(line);
        return sample.RootElement.GetProperty("ids").GetRawText();
    }

    private static float[] Read(SafeTensorsReader reader, string name)
    {
        var values = new float[reader.Find(name).Shape.Aggregate(1L, (x, y) => x * y)];
        reader.Read(name, values);
        return values;
    }

    private static double Norm(float[] x) => Math.Sqrt(x.Sum(value => (double)value * value));

    private static double Distance(float[] a, float[] b) => Norm([.. a.Zip(b, (x, y) => x - y)]);
}
