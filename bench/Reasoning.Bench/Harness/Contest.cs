using System.Diagnostics;

namespace Reasoning.Bench.Harness;

/// <summary>
/// Runs the sides of a comparison in turn, so that what disturbs the machine disturbs all of them, and keeps the seconds of every round.
/// </summary>
internal static class Contest
{
    /// <summary>
    /// Pause before each run. Idle threads of OpenBLAS and of OpenMP spin for some tens of milliseconds before they sleep, and would take
    /// a core from whoever comes next.
    /// </summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(120);

    /// <summary>Runs each side once uncounted, then <paramref name="rounds"/> rounds of all sides in turn.</summary>
    /// <returns>Seconds [side][round].</returns>
    public static double[][] Run(int rounds, IReadOnlyList<Contestant> sides)
    {
        foreach (Contestant side in sides) Pause(side);
        double[][] seconds = [.. sides.Select(_ => new double[rounds])];
        for (int round = 0; round < rounds; round++)
        {
            for (int side = 0; side < sides.Count; side++) seconds[side][round] = Pause(sides[side]);
        }

        return seconds;
    }

    /// <summary>Times an action.</summary>
    public static double Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Repeats an action until the machine code of its hot paths is final: twice at least, and for half a second.</summary>
    public static void WarmUp(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 2 || (Stopwatch.GetElapsedTime(start).TotalSeconds < 0.5 && i < 500); i++) action();
    }

    private static double Pause(Contestant side)
    {
        Thread.Sleep(s_pause);
        return side.Run();
    }
}
