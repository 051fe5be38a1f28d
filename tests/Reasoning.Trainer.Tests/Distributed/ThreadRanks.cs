using Reasoning.Trainer.Distributed;

namespace Reasoning.Trainer.Tests.Distributed;

/// <summary>Ranks that are threads of this process. Where one fails, the others end with it.</summary>
internal sealed class ThreadRanks : IDisposable
{
    private readonly Barrier _all;
    private readonly byte[][] _sent;
    private readonly CancellationTokenSource _failed = new();

    private ThreadRanks(int count) => (_all, _sent) = (new Barrier(count), new byte[count][]);

    /// <summary>Does something on each of some ranks at once.</summary>
    public static T[] Run<T>(int count, Func<Ranks, T> work)
    {
        using var ranks = new ThreadRanks(count);
        Task<T>[] tasks = [.. Enumerable.Range(0, count).Select(rank => Task.Factory.StartNew(
            () => ranks.Alone(rank, work), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        try
        {
            Task.WaitAll(tasks, TestContext.Current.CancellationToken);
        }
        catch (AggregateException e) when (e.InnerExceptions.FirstOrDefault(one => one is not OperationCanceledException) is { } first)
        {
            throw new InvalidOperationException($"a rank failed: {first.Message}", first);
        }

        return [.. tasks.Select(task => task.Result)];
    }

    public void Dispose()
    {
        _all.Dispose();
        _failed.Dispose();
    }

    private T Alone<T>(int rank, Func<Ranks, T> work)
    {
        try
        {
            return work(new Ranks(_sent.Length == 1 ? null : new Communicator(this, rank)));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _failed.Cancel();
            throw;
        }
    }

    private sealed class Communicator(ThreadRanks ranks, int rank) : ICommunicator
    {
        public int Rank => rank;

        public int Count => ranks._sent.Length;

        public void AllGather(ReadOnlySpan<byte> block, Span<byte> all)
        {
            ranks._sent[rank] = block.ToArray();
            Wait();
            for (int other = 0; other < Count; other++) ranks._sent[other].CopyTo(all[(other * block.Length)..]);
            Wait();
        }

        public void AllToAll(ReadOnlySpan<byte> send, Span<byte> receive)
        {
            int length = send.Length / Count;
            ranks._sent[rank] = send.ToArray();
            Wait();
            for (int other = 0; other < Count; other++) ranks._sent[other].AsSpan(rank * length, length).CopyTo(receive[(other * length)..]);
            Wait();
        }

        private void Wait() => ranks._all.SignalAndWait(ranks._failed.Token);
    }
}
