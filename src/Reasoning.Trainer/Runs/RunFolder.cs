using System.Globalization;
using Reasoning.Models;
using Reasoning.Models.Files;

namespace Reasoning.Trainer.Runs;

/// <summary>The places in the folder of a run.</summary>
/// <param name="path">The folder.</param>
internal sealed class RunFolder(string path)
{
    /// <summary>What the set of prompts that a run adapts to is called.</summary>
    public const string TargetSet = "target";

    private const string CheckpointPrefix = "step-";
    private const string DamagedPrefix = "damaged-";
    private const string ProbeName = ".probe";

    /// <summary>The folder, as it was given.</summary>
    public string Path { get; } = path;

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

    /// <summary>The adapters that a server of answers has; it reads them there.</summary>
    public string ServedAdapterFolder => In("served-adapter");

    /// <summary>The text of an error that ended the run.</summary>
    public string ErrorFile => In("error.txt");

    private string CheckpointsFolder => In("checkpoints");

    private string EpisodesFolder => In("episodes");

    /// <summary>The folder of an existing run.</summary>
    /// <exception cref="UserErrorException">There is no run.</exception>
    public static RunFolder Open(string path)
    {
        var run = new RunFolder(path);
        return File.Exists(run.RecordFile)
            ? run
            : throw new UserErrorException($"{path}: not a run folder (it has no {System.IO.Path.GetFileName(run.RecordFile)})");
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

    /// <summary>The results of an evaluation; in runs of earlier versions that of the target prompts is called "adapted".</summary>
    public string EvalFile(string which, string set)
    {
        string file = In($"eval-{which}-{set}.json"), earlier = In($"eval-{which}-adapted.json");
        return set == TargetSet && !File.Exists(file) && File.Exists(earlier) ? earlier : file;
    }

    /// <summary>The evaluation of the prompt of an episode, by the model adapted to it.</summary>
    public string EpisodeFile(int episode)
    {
        Directory.CreateDirectory(EpisodesFolder);
        return System.IO.Path.Combine(EpisodesFolder, string.Create(CultureInfo.InvariantCulture, $"{episode:D6}.json"));
    }

    /// <summary>The batch in which something stopped being finite.</summary>
    public string IncidentFile(int step) => In(string.Create(CultureInfo.InvariantCulture, $"nonfinite-step-{step:D6}.json"));

    /// <summary>The checkpoint of a step.</summary>
    public string CheckpointFolder(int step) =>
        System.IO.Path.Combine(CheckpointsFolder, string.Create(CultureInfo.InvariantCulture, $"{CheckpointPrefix}{step:D6}"));

    /// <summary>What has the name of a checkpoint, oldest first, whether it is one or not.</summary>
    public IReadOnlyList<string> Checkpoints() => Directory.Exists(CheckpointsFolder)
        ? [.. Directory.EnumerateFileSystemEntries(CheckpointsFolder, CheckpointPrefix + "*").Order(StringComparer.Ordinal)]
        : [];

    /// <summary>The complete checkpoints, oldest first.</summary>
    public IReadOnlyList<string> CompleteCheckpoints() =>
        Reasoning.Models.SafeTensors.CheckpointFolder.Complete(CheckpointsFolder, CheckpointPrefix);

    /// <summary>Gives a damaged checkpoint another name, so that its step can be saved again; one that had that name before is deleted.</summary>
    /// <returns>The new name, without the folder.</returns>
    public string SetAside(string checkpoint)
    {
        string name = DamagedPrefix + System.IO.Path.GetFileName(checkpoint), place = System.IO.Path.Combine(CheckpointsFolder, name);
        if (Directory.Exists(place)) Directory.Delete(place, recursive: true);
        else File.Delete(place);
        if (Directory.Exists(checkpoint)) Directory.Move(checkpoint, place);
        else File.Move(checkpoint, place);
        return name;
    }

    /// <summary>Waits until the logs are on the disk, so that a checkpoint never knows more steps than they do.</summary>
    public void SyncLogs()
    {
        foreach (string log in ((string[])[MetricsFile, SamplesFile, GuardFile]).Where(File.Exists)) Durable.SyncFile(log);
    }

    /// <summary>Refuses a folder in which the run could not write what it will write, up to its end.</summary>
    /// <exception cref="UserErrorException">The message names the place.</exception>
    public void CheckTargets()
    {
        Reasoning.Models.SafeTensors.CheckpointFolder.CheckTarget(ModelFolder);
        Reasoning.Models.SafeTensors.CheckpointFolder.CheckTarget(AdapterFolder);
        Reasoning.Models.SafeTensors.CheckpointFolder.CheckTarget(ServedAdapterFolder);
        if (Directory.EnumerateDirectories(Path, "*.json*").FirstOrDefault() is { } folder)
            throw new UserErrorException($"{folder}: is a folder, and a file of the run has this name; move it away");
        foreach (string log in ((string[])[MetricsFile, SamplesFile, GuardFile]).Where(File.Exists)) RegularFile.OpenHandle(log).Dispose();
        foreach (string place in ((string[])[CheckpointsFolder, EpisodesFolder]).Where(File.Exists))
            throw new UserErrorException($"{place}: is a file, and a folder of the run has this name; move it away");
        string probe = System.IO.Path.Combine(CheckpointsFolder, ProbeName);
        Durable.Write(probe, file => File.WriteAllText(file, ""));
        File.Delete(probe);
    }

    /// <summary>Removes what writers that were killed left. Only for the owner of the folder, for it would take them from a living one too.</summary>
    public void Sweep()
    {
        foreach (string folder in ((string[])[Path, CheckpointsFolder, EpisodesFolder, ModelFolder, AdapterFolder, ServedAdapterFolder]).Where(Directory.Exists))
        {
            Durable.Sweep(folder);
            File.Delete(System.IO.Path.Combine(folder, ProbeName));
        }
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
