using System.Globalization;
using Reasoning.Models;

namespace Reasoning.Trainer.Runs;

/// <summary>The places in the folder of a run.</summary>
internal sealed class RunFolder
{
    private const string CheckpointPrefix = "step-";

    private RunFolder(string path) => Path = path;

    /// <summary>The folder, as it was given.</summary>
    public string Path { get; }

    /// <summary>What was asked: effective options with their origins, model, prompts, machine.</summary>
    public string RecordFile => In("run.json");

    /// <summary>One line of numbers per step.</summary>
    public string MetricsFile => In("metrics.jsonl");

    /// <summary>The same numbers for TensorBoard, which looks for such a name.</summary>
    public string EventsFile => In("events.out.tfevents");

    /// <summary>Every rollout of every logged step.</summary>
    public string SamplesFile => In("samples.jsonl");

    /// <summary>One line per alarm of the guard.</summary>
    public string GuardFile => In("guard.jsonl");

    /// <summary>The adapted model, complete when it exists.</summary>
    public string ModelFolder => In("model");

    /// <summary>The low-rank adapters of the adapted model by themselves, for runs that trained such.</summary>
    public string AdapterFolder => In("adapter");

    /// <summary>The text of an error that ended the run.</summary>
    public string ErrorFile => In("error.txt");

    private string Checkpoints => In("checkpoints");

    /// <summary>Makes the folder of a new run.</summary>
    /// <exception cref="UserErrorException">It holds something already, or cannot be written.</exception>
    public static RunFolder Create(string path)
    {
        var run = new RunFolder(path);
        if (File.Exists(run.RecordFile))
            throw new UserErrorException($"{path}: holds a run already; choose another --out, or go on with --resume");
        if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
            throw new UserErrorException($"{path}: exists and is not a run folder; choose another --out");
        try
        {
            Directory.CreateDirectory(path);
            string probe = run.In(".probe");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{path}: cannot be written: {e.Message.ReplaceLineEndings(" ")}; choose another --out", e);
        }

        return run;
    }

    /// <summary>The folder of an existing run.</summary>
    /// <exception cref="UserErrorException">There is no run.</exception>
    public static RunFolder Open(string path)
    {
        var run = new RunFolder(path);
        return File.Exists(run.RecordFile)
            ? run
            : throw new UserErrorException($"{path}: no run to resume there (no {System.IO.Path.GetFileName(run.RecordFile)})");
    }

    /// <summary>The first folder <c>PARENT/NAME-N</c> that does not exist, N from 1.</summary>
    public static string FirstFree(string parent, string name)
    {
        for (int n = 1; ; n++)
        {
            string path = System.IO.Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $"{name}-{n}"));
            if (!Directory.Exists(path) && !File.Exists(path)) return path;
        }
    }

    /// <summary>The results of an evaluation.</summary>
    public string EvalFile(string which, string set) => In($"eval-{which}-{set}.json");

    /// <summary>The evaluation of the prompt of an episode, by the model adapted to it.</summary>
    public string EpisodeFile(int episode)
    {
        string folder = In("episodes");
        Directory.CreateDirectory(folder);
        return System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{episode:D6}.json"));
    }

    /// <summary>The batch in which something stopped being finite.</summary>
    public string IncidentFile(int step) => In(string.Create(CultureInfo.InvariantCulture, $"nonfinite-step-{step:D6}.json"));

    /// <summary>The checkpoint of a step.</summary>
    public string CheckpointFolder(int step) =>
        System.IO.Path.Combine(Checkpoints, string.Create(CultureInfo.InvariantCulture, $"{CheckpointPrefix}{step:D6}"));

    /// <summary>The complete checkpoints, oldest first.</summary>
    public IReadOnlyList<string> CompleteCheckpoints() => Reasoning.Models.SafeTensors.CheckpointFolder.Complete(Checkpoints, CheckpointPrefix);

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
