using System.Text.Json.Nodes;

namespace Reasoning.Bench.Harness;

/// <summary>PyTorch twice: with the environment under which it is fast, and as the system has it.</summary>
internal sealed class TorchPair : IDisposable
{
    /// <summary>What the two forms are, for a reader of the results.</summary>
    public const string Explanation =
        "PyTorch, tuned: the settings that bench/peers/peer.py names, without which its threads wait for each other; PyTorch, as installed: "
        + "Debian's package in the environment as it is, which here may pin OpenBLAS to older kernels (its line says so), fewer rounds";

    private const int MostInstalledRounds = 3;

    private int _installedRuns;

    private TorchPair(Peer? tuned, Peer? installed) => (Tuned, Installed) = (tuned, installed);

    /// <summary>The fair opponent.</summary>
    public Peer? Tuned { get; }

    /// <summary>What people get who install it and start.</summary>
    public Peer? Installed { get; }

    /// <summary>The sides; the slow one sits out after its uncounted run and a few rounds.</summary>
    public IEnumerable<Contestant> Contestants
    {
        get
        {
            if (Tuned is not null) yield return Tuned.AsContestant();
            if (Installed is not null)
                yield return new Contestant(Installed.Name, () => _installedRuns++ > MostInstalledRounds ? double.NaN : Installed.Run());
        }
    }

    /// <summary>Starts both.</summary>
    public static TorchPair Start(BenchOptions options, string script, Func<JsonObject> configuration, Report report)
    {
        Peer? tuned = Peer.Start(options, script, configuration(), report);
        JsonObject plain = configuration();
        plain["tuned"] = false;
        Peer? installed = tuned is null ? null : Peer.Start(options, script, plain, report);
        if (tuned is not null) report.Note($"{tuned.Name}, tuned: {tuned.Note}");
        if (installed is not null) report.Note($"{installed.Name}, as installed: {installed.Note}");
        return new TorchPair(tuned, installed);
    }

    /// <summary>Time and ratio of the tuned form, then of the other.</summary>
    /// <param name="seconds">Of all sides, ours first, then <see cref="Contestants"/>.</param>
    public string[] Cells(double[][] seconds)
    {
        if (Tuned is null) return ["–", "–", "–", "–"];
        double[] fair = seconds[1];
        if (Installed is null) return [Stats.Time(Stats.Median(fair)), Stats.Ratio(Stats.Ratios(seconds[0], fair)), "–", "–"];
        double[] plain = [.. seconds[2].Where(double.IsFinite)], ours = seconds[0][..plain.Length];
        return
        [
            Stats.Time(Stats.Median(fair)), Stats.Ratio(Stats.Ratios(seconds[0], fair)), Stats.Time(Stats.Median(plain)),
            Stats.Ratio(Stats.Ratios(ours, plain)),
        ];
    }

    public void Dispose()
    {
        Tuned?.Dispose();
        Installed?.Dispose();
    }
}
