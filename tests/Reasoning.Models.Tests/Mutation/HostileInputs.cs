using System.Diagnostics;
using System.Globalization;

namespace Reasoning.Models.Tests.Mutation;

/// <summary>
/// What a reader owes to any input, however damaged: a valid result or a <see cref="UserErrorException"/> of one line, within a second,
/// with allocations of at most twice the input plus a constant.
/// </summary>
internal static class HostileInputs
{
    /// <summary>Variants of each reader in an ordinary run.</summary>
    public const int Few = 2_000;

    /// <summary>Variants of each reader in a run with REASONING_SLOW=1.</summary>
    public const int Many = 100_000;

    private const int MaxMessage = 2_000;
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(60);

    /// <summary>Gives a reader damaged variants of valid inputs, in turn, and checks what it owes.</summary>
    /// <param name="valid">Inputs that the reader accepts; it is checked that it does.</param>
    /// <param name="count">Number of variants in all.</param>
    /// <param name="seed">Names the variants; each reader has its own.</param>
    /// <param name="constant">Bytes that a read may allocate beyond twice the length of its input.</param>
    /// <param name="output">Receives how many variants were refused, the slowest and the hungriest.</param>
    /// <param name="read">Reads an input completely.</param>
    /// <param name="seconds">What a read may take.</param>
    /// <param name="refused">Share of the variants that are refused at least, so that it is seen that they are damaged.</param>
    public static void Check(
        IReadOnlyList<byte[]> valid, int count, ulong seed, long constant, ITestOutputHelper output, Action<byte[]> read, double seconds = 1, double refused = 0.2)
    {
        foreach (byte[] input in valid) read(input); // also loads code and tables that stay
        var run = new Run(valid, seed, constant, TimeSpan.FromSeconds(seconds), read);
        long done = -1;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                for (int variant = 0; variant < count; variant++)
                {
                    Volatile.Write(ref done, variant);
                    run.Try((ulong)variant);
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        })
        { IsBackground = true };
        thread.Start();
        long seen = -1;
        while (!thread.Join(s_hang))
        {
            long current = Volatile.Read(ref done);
            Assert.True(current != seen, $"variant {current} of seed {seed} hangs");
            seen = current;
        }
        if (failure is not null) throw new InvalidOperationException($"seed {seed}, variant {done}: {failure.Message}", failure);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{count} variants: {run.Refused} refused; slowest {run.Slowest.TotalMilliseconds:F0} ms; "
            + $"most beyond twice the input {run.Hungriest:N0} bytes"));
        Assert.InRange(run.Refused, (int)(count * refused), count);
    }

    private sealed class Run(IReadOnlyList<byte[]> valid, ulong seed, long constant, TimeSpan limit, Action<byte[]> read)
    {
        public int Refused { get; private set; }

        public TimeSpan Slowest { get; private set; }

        public long Hungriest { get; private set; } = long.MinValue;

        public void Try(ulong variant)
        {
            byte[] bytes = Mutator.Mutate(valid[(int)(variant % (ulong)valid.Count)], seed, variant);
            (string? message, TimeSpan time, long allocated) = Measure(bytes);
            // A busy machine makes one run slow, and code compiled in the background one run hungry; a bad reader is so each time.
            for (int again = 0; again < 3 && (time > limit || Beyond(allocated) > constant); again++)
            {
                (_, TimeSpan otherTime, long otherAllocated) = Measure(bytes);
                (time, allocated) = (otherTime < time ? otherTime : time, Math.Min(allocated, otherAllocated));
            }
            if (message is not null) CheckMessage(message);
            Assert.True(time <= limit, $"took {time.TotalSeconds:F1} s; message: {message}");
            Assert.True(
                Beyond(allocated) <= constant, $"allocated {allocated:N0} bytes for an input of {bytes.Length:N0}; message: {message}");
            if (message is not null) Refused++;
            if (time > Slowest) Slowest = time;
            Hungriest = Math.Max(Hungriest, Beyond(allocated));

            long Beyond(long total) => total - (2L * bytes.Length);
        }

        private (string? Message, TimeSpan Time, long Allocated) Measure(byte[] bytes)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            string? message = null;
            try
            {
                read(bytes);
            }
            catch (UserErrorException e)
            {
                message = e.Message;
            }
            return (message, Stopwatch.GetElapsedTime(start), GC.GetAllocatedBytesForCurrentThread() - before);
        }

        private static void CheckMessage(string message)
        {
            Assert.False(string.IsNullOrWhiteSpace(message));
            Assert.True(message.IndexOfAny(['\n', '\r', '\u2028', '\u2029', '\u0085']) < 0, $"more than one line: {message}");
            Assert.InRange(message.Length, 1, MaxMessage);
        }
    }
}
