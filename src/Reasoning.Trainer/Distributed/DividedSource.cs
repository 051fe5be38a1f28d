using System.Runtime.InteropServices;
using Reasoning.Models.Generation;

namespace Reasoning.Trainer.Distributed;

/// <summary>
/// Each rank answers some of the prompts, and all get all the answers. A draw depends on its key alone, so these are the answers that one
/// process would have given.
/// </summary>
internal sealed class DividedSource(IRolloutSource own, Ranks ranks) : IRolloutSource
{
    public string Engine => own.Engine;

    public IReadOnlyList<Rollout[]> Generate(
        IReadOnlyList<GenerationRequest> requests, SamplingOptions options, Action<GenerationProgress>? progress = null,
        CancellationToken cancel = default)
    {
        (int first, int count) = ranks.Share([.. requests.Select(request => request.PromptId)], [.. requests.Select(request => request.Samples)]);
        byte[] answers = []; // says that this rank was asked to stop: then all do, for each is asked at another moment
        try
        {
            answers = Pack(own.Generate([.. requests.Skip(first).Take(count)], options, progress, cancel));
        }
        catch (OperationCanceledException)
        {
        }

        byte[][] parts = ranks.Gather(answers);
        return Array.Exists(parts, part => part.Length == 0)
            ? throw new OperationCanceledException(cancel)
            : [.. requests.Zip(parts.SelectMany(Unpack), (request, rollouts) => rollouts(request))];
    }

    private static byte[] Pack(IReadOnlyList<Rollout[]> groups)
    {
        var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(groups.Count);
        foreach (Rollout[] group in groups)
        {
            writer.Write(group.Length);
            foreach (Rollout rollout in group)
            {
                writer.Write(rollout.Sample);
                writer.Write((int)rollout.Finish);
                writer.Write(rollout.LargeTokens);
                writer.Write(rollout.Ids.Length);
                writer.Write(MemoryMarshal.AsBytes(rollout.Ids.AsSpan()));
                writer.Write(MemoryMarshal.AsBytes(rollout.LogProbs.AsSpan()));
            }
        }

        return stream.ToArray();
    }

    /// <summary>The answers to each request of a rank; what is known of the request was not sent.</summary>
    private static IEnumerable<Func<GenerationRequest, Rollout[]>> Unpack(byte[] part)
    {
        using var reader = new BinaryReader(new MemoryStream(part));
        int groups = reader.ReadInt32();
        for (int g = 0; g < groups; g++)
        {
            var group = new Rollout[reader.ReadInt32()];
            for (int i = 0; i < group.Length; i++)
            {
                int sample = reader.ReadInt32();
                var finish = (FinishReason)reader.ReadInt32();
                int large = reader.ReadInt32(), length = reader.ReadInt32();
                int[] ids = MemoryMarshal.Cast<byte, int>(reader.ReadBytes(length * sizeof(int))).ToArray();
                float[] logProbs = MemoryMarshal.Cast<byte, float>(reader.ReadBytes(length * sizeof(float))).ToArray();
                group[i] = new Rollout("", sample, [], ids, logProbs, finish) { LargeTokens = large };
            }

            yield return request => [.. group.Select(rollout => rollout with { PromptId = request.PromptId, PromptIds = request.PromptIds })];
        }
    }
}
