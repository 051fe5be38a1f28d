using System.Runtime.ExceptionServices;

namespace Reasoning.Models.Devices;

/// <summary>
/// Threads that stay alive between loops. An idle thread spins for some hundred microseconds, since the next loop of a
/// forward or backward pass usually follows at once, and then sleeps.
/// </summary>
internal sealed class WorkerPool
{
    private const int SpinRounds = 600;

    private readonly object _gate = new();
    private readonly object _owner = new();
    private readonly List<Thread> _threads = [];
    private Loop? _current;
    private int _sleeping;

    /// <summary>Runs the loop on up to <paramref name="threads"/> threads, the caller included, and returns when every item is done.</summary>
    internal void Run(int items, int threads, Action<int> body)
    {
        if (Monitor.IsEntered(_owner) || !Monitor.TryEnter(_owner))
        {
            for (int i = 0; i < items; i++)
                body(i);
            return;
        }

        try
        {
            EnsureThreads(threads - 1);
            var loop = new Loop(items, threads - 1, body);
            Publish(loop);
            loop.Work();
            loop.WaitUntilDone();
        }
        finally
        {
            Monitor.Exit(_owner);
        }
    }

    private void Publish(Loop loop)
    {
        Volatile.Write(ref _current, loop);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _sleeping) > 0)
        {
            lock (_gate)
                Monitor.PulseAll(_gate);
        }
    }

    private void EnsureThreads(int wanted)
    {
        while (_threads.Count < wanted)
        {
            int index = _threads.Count;
            var thread = new Thread(() => Serve(index)) { IsBackground = true, Name = $"reasoning worker {index + 1}" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    private void Serve(int index)
    {
        Loop? seen = null;
        while (true)
        {
            Loop? loop = AwaitNext(seen);
            seen = loop;
            if (loop is not null && index < loop.Helpers)
                loop.Work();
        }
    }

    private Loop? AwaitNext(Loop? seen)
    {
        for (int i = 0; i < SpinRounds; i++)
        {
            Loop? loop = Volatile.Read(ref _current);
            if (!ReferenceEquals(loop, seen))
                return loop;
            Thread.SpinWait(10);
        }

        lock (_gate)
        {
            Interlocked.Increment(ref _sleeping);
            while (ReferenceEquals(Volatile.Read(ref _current), seen))
                Monitor.Wait(_gate);
            Interlocked.Decrement(ref _sleeping);
            return _current;
        }
    }

    private sealed class Loop(int items, int helpers, Action<int> body)
    {
        private int _next;
        private int _done;
        private ExceptionDispatchInfo? _failure;

        internal int Helpers => helpers;

        internal void Work()
        {
            int finished = 0;
            while (true)
            {
                int item = Interlocked.Increment(ref _next) - 1;
                if (item >= items)
                    break;
                try
                {
                    body(item);
                }
                catch (Exception e)
                {
                    // Rethrown on the caller's thread once every item is accounted for.
                    Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
                }

                finished++;
            }

            if (finished > 0)
                Interlocked.Add(ref _done, finished);
        }

        internal void WaitUntilDone()
        {
            var spinner = new SpinWait();
            while (Volatile.Read(ref _done) < items)
                spinner.SpinOnce(sleep1Threshold: -1);
            _failure?.Throw();
        }
    }
}
