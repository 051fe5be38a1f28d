using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Reasoning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Distributed;

/// <summary>
/// The processes that train one model together; one alone has nobody to wait for. Sums are made here, in the order of ranks and in float64,
/// so that they are the same bits on every rank and in every run with as many of them, whatever library carries the values.
/// </summary>
/// <param name="communicator">Null for one rank.</param>
internal sealed class Ranks(ICommunicator? communicator = null)
{
    /// <summary>Values of gradients that are exchanged at once.</summary>
    private const int BucketValues = 8 << 20;

    private Nccl? _nccl;

    /// <summary>Number of this one, from 0.</summary>
    public int Rank { get; } = communicator?.Rank ?? 0;

    /// <summary>How many there are.</summary>
    public int Count { get; } = communicator?.Count ?? 1;

    /// <summary>How gradients travel, for people.</summary>
    public string GradientsGo { get; private set; } = "through main memory";

    /// <summary>Whether there are others.</summary>
    public bool AreSeveral => Count > 1;

    /// <summary>Whether this is the one that writes: folder of the run, logs, checkpoints, console.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>What every rank has to say, in their order.</summary>
    public byte[][] Gather(byte[] own)
    {
        if (communicator is null) return [own];
        byte[] length = new byte[sizeof(int)], lengths = new byte[sizeof(int) * Count];
        BinaryPrimitives.WriteInt32LittleEndian(length, own.Length);
        communicator.AllGather(length, lengths);
        int[] counts = [.. lengths.Chunk(sizeof(int)).Select(bytes => BinaryPrimitives.ReadInt32LittleEndian(bytes))];
        int most = counts.Max();
        byte[] padded = new byte[most], all = new byte[checked(most * Count)];
        own.CopyTo(padded, 0);
        if (most > 0) communicator.AllGather(padded, all);
        return [.. counts.Select((count, rank) => all.AsSpan(rank * most, count).ToArray())];
    }

    /// <summary>The numbers of every rank, in their order.</summary>
    public double[][] Gather(double[] own) =>
        [.. Gather(MemoryMarshal.AsBytes(own.AsSpan()).ToArray()).Select(bytes => MemoryMarshal.Cast<byte, double>(bytes).ToArray())];

    /// <summary>The first rank that has something else to say than rank 0; null where all agree.</summary>
    public int? Other(byte[] own)
    {
        byte[][] all = Gather(own);
        int other = Array.FindIndex(all, one => !one.AsSpan().SequenceEqual(all[0]));
        return other < 0 ? null : other;
    }

    /// <summary>What rank 0 says.</summary>
    public string Tell(string? text) => communicator is null ? text! : Encoding.UTF8.GetString(Gather(Encoding.UTF8.GetBytes(IsFirst ? text! : ""))[0]);

    /// <summary>The sums of numbers that every rank has as many of.</summary>
    public double[] Sum(double[] own)
    {
        double[][] all = Gather(own);
        return [.. own.Select((_, i) => all.Sum(part => part[i]))];
    }

    /// <summary>Lets sums of gradients go from GPU to GPU, where every rank finds NCCL and has a GPU of its own, as the first that it sees.</summary>
    /// <param name="library">What <see cref="Nccl.Library()"/> found; null where there is none, or it cannot serve.</param>
    public void Connect(nint? library)
    {
        if (communicator is null) return;
        string problem = library is null ? "there is no NCCL for them" : "";
        try
        {
            byte[] id = Gather(IsFirst && library is { } first ? Nccl.NewId(first) : [])[0];
            if (Gather([library is null ? (byte)0 : (byte)1]).All(found => found[0] == 1)) _nccl = Nccl.Connect(library!.Value, Count, Rank, id);
        }
        catch (RanksException e)
        {
            problem = e.Message;
        }

        string? why = Gather(Encoding.UTF8.GetBytes(problem)).Select(Encoding.UTF8.GetString).FirstOrDefault(words => words.Length > 0);
        if (why is not null) _nccl = null;
        GradientsGo = why is null ? $"from GPU to GPU, by NCCL {Nccl.Version(library!.Value)}" : $"through main memory: {why}";
    }

    /// <summary>Replaces float32 tensors, which every rank has in the same shapes, by their sums.</summary>
    public void Sum(IReadOnlyList<Tensor> tensors)
    {
        if (communicator is null) return;
        using IDisposable noGradient = no_grad();
        for (int next = 0; next < tensors.Count;)
        {
            using DisposeScope scope = NewDisposeScope();
            int first = next;
            long values = 0;
            do values += tensors[next++].numel();
            while (next < tensors.Count && values + tensors[next].numel() <= BucketValues);
            Tensor[] bucket = [.. tensors.Skip(first).Take(next - first)];
            Tensor flat_V = bucket.Length == 1 ? bucket[0].reshape(-1) : cat([.. bucket.Select(tensor => tensor.reshape(-1))], 0);
            for (long start = 0; start < values; start += BucketValues) // more than one where a tensor is larger than a bucket
                Sum(flat_V.narrow(0, start, Math.Min(BucketValues, values - start)), communicator);
            long place = 0;
            foreach (Tensor tensor in bucket)
            {
                tensor.copy_(flat_V.narrow(0, place, tensor.numel()).view(tensor.shape));
                place += tensor.numel();
            }
        }
    }

    /// <summary>
    /// Which of some things in a row are this rank's: about the same weight for each, and what has the same key is never split. All ranks give
    /// the same list and get parts that follow each other.
    /// </summary>
    /// <param name="keys">Equal ones stand together.</param>
    /// <param name="weights">How much work each is.</param>
    /// <returns>The first of them, and how many.</returns>
    public (int First, int Count) Share(IReadOnlyList<string> keys, IReadOnlyList<int> weights)
    {
        double all = Math.Max(1, weights.Sum(weight => (long)weight)), before = 0;
        int first = 0, count = 0;
        for (int start = 0, end; start < keys.Count; start = end)
        {
            double weight = 0;
            for (end = start; end < keys.Count && keys[end] == keys[start]; end++) weight += weights[end];
            int owner = Math.Clamp((int)Math.Ceiling((before + (weight / 2)) * Count / all) - 1, 0, Count - 1);
            before += weight;
            if (owner != Rank) continue;
            if (count == 0) first = start;
            count = end - first;
        }

        return (first, count);
    }

    /// <summary>Every rank adds up its part of the values, and gives the sums to all.</summary>
    private void Sum(Tensor values_V, ICommunicator carrier)
    {
        using DisposeScope scope = NewDisposeScope();
        long count = values_V.numel(), block = (count + Count - 1) / Count;
        Tensor all_RB = zeros([Count, block], ScalarType.Float32, _nccl is null ? CPU : values_V.device), received_RB = empty_like(all_RB);
        Tensor own_V = all_RB.view(-1).narrow(0, 0, count);
        own_V.copy_(values_V);
        if (_nccl is null) carrier.AllToAll(all_RB.bytes, received_RB.bytes);
        else _nccl.AllToAll(all_RB, received_RB);
        Tensor sum_B = zeros([block], ScalarType.Float64, all_RB.device);
        for (int rank = 0; rank < Count; rank++) sum_B.AddInPlace(received_RB[rank]);
        Tensor rounded_B = sum_B.to(ScalarType.Float32);
        if (_nccl is null) carrier.AllGather(rounded_B.bytes, all_RB.bytes);
        else _nccl.AllGather(rounded_B, all_RB);
        values_V.copy_(own_V);
    }
}

/// <summary>Ranks do not go together any more; one line says why.</summary>
internal sealed class RanksException(string message) : Exception(message);
