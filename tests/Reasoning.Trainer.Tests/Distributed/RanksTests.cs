using Reasoning.Models;
using Reasoning.Models.Devices;
using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Trainer.Distributed;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Tests.Distributed;

public sealed class RanksTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Every_thing_belongs_to_one_rank_and_what_has_one_key_is_not_split(int count)
    {
        for (int seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            string[] keys = [.. Enumerable.Range(0, random.Next(12)).SelectMany(key => Enumerable.Repeat($"p{key}", random.Next(1, 5)))];
            int[] weights = [.. keys.Select(_ => random.Next(0, 50))];
            (int First, int Count)[] shares = ThreadRanks.Run(count, ranks => ranks.Share(keys, weights));
            int[] owner = [.. Enumerable.Range(0, keys.Length).Select(i => Assert.Single(Enumerable.Range(0, count), r => shares[r].First <= i && i < shares[r].First + shares[r].Count))];
            Assert.Equal(owner.Order(), owner);
            Assert.All(keys.Zip(owner).GroupBy(pair => pair.First), group => Assert.Single(group.Select(pair => pair.Second).Distinct()));
        }
    }

    [Fact]
    public void Ranks_get_about_the_same_work()
    {
        string[] keys = [.. Enumerable.Range(0, 64).Select(i => $"p{i / 4}")];
        (int, int)[] shares = ThreadRanks.Run(4, ranks => ranks.Share(keys, [.. keys.Select(_ => 7)]));
        Assert.Equal([(0, 16), (16, 16), (32, 16), (48, 16)], shares);
    }

    /// <summary>Also of tensors that need several buckets, or pieces of one, and do not divide by the number of ranks.</summary>
    [Fact]
    public void Sums_are_those_in_the_order_of_ranks_and_the_same_bits_everywhere()
    {
        long[] lengths = [1, 3, (9 << 20) + 1, 1000, 0, 5 << 20, 7];
        float[][][] all = ThreadRanks.Run(3, ranks =>
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor[] tensors = [.. lengths.Select(length => Values(ranks.Rank, length))];
            ranks.Sum(tensors);
            return tensors.Select(Floats.Of).ToArray();
        });
        using DisposeScope scope = NewDisposeScope();
        for (int t = 0; t < lengths.Length; t++)
        {
            float[][] parts = [.. Enumerable.Range(0, 3).Select(rank => Floats.Of(Values(rank, lengths[t])))];
            float[] expected = [.. parts[0].Select((value, i) => (float)((double)value + parts[1][i] + parts[2][i]))];
            Assert.All(all, rank => Assert.True(rank[t].AsSpan().SequenceEqual(expected), $"tensor {t}"));
        }

        static Tensor Values(int rank, long length) =>
            Arithmetic.Range(length, ScalarType.Float32, CPU).Times(0.37f).Plus(rank).sin().Times(MathF.Pow(10, 3 - (3 * rank)));
    }

    [Fact]
    public void What_ranks_have_to_say_may_have_any_length()
    {
        byte[][][] all = ThreadRanks.Run(3, ranks => ranks.Gather([.. Enumerable.Repeat((byte)ranks.Rank, 5 * ranks.Rank)]));
        Assert.All(all, got => Assert.Equal([[], [1, 1, 1, 1, 1], [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]], got));
        Assert.All(ThreadRanks.Run(2, ranks => ranks.Tell(ranks.IsFirst ? "ürgend" : null)), told => Assert.Equal("ürgend", told));
    }

    [Fact]
    public void Divided_prompts_are_answered_as_by_one_and_one_who_is_asked_to_stop_stops_all()
    {
        GenerationRequest[] requests = [.. Enumerable.Range(0, 5).Select(i => new GenerationRequest($"p{i}", [i, i + 1], Samples: i, FirstSample: 2))];
        var options = new SamplingOptions { Seed = 3 };
        IReadOnlyList<Rollout[]> expected = new Echo().Generate(requests, options);
        foreach (IReadOnlyList<Rollout[]> got in ThreadRanks.Run(3, ranks => new DividedSource(new Echo(), ranks).Generate(requests, options)))
        {
            Assert.Equal(expected.Select(group => group.Length), got.Select(group => group.Length));
            Assert.Equal(expected.SelectMany(group => group).Select(Words), got.SelectMany(group => group).Select(Words));
        }

        bool[] stopped = ThreadRanks.Run(3, ranks =>
        {
            try
            {
                new DividedSource(new Echo(), ranks).Generate(requests, options, cancel: new CancellationToken(canceled: ranks.Rank == 1));
                return false;
            }
            catch (OperationCanceledException)
            {
                return true;
            }
        });
        Assert.Equal([true, true, true], stopped);

        static string Words(Rollout rollout) =>
            $"{rollout with { PromptIds = [], Ids = [], LogProbs = [] }} {string.Join(' ', rollout.PromptIds)}|{string.Join(' ', rollout.Ids)}|{string.Join(' ', rollout.LogProbs)}"
                .Replace("System.Int32[]", "", StringComparison.Ordinal).Replace("System.Single[]", "", StringComparison.Ordinal);
    }

    [Fact]
    public void Ranks_whose_weights_differ_end_before_they_save()
    {
        string[] said = ThreadRanks.Run(3, ranks =>
        {
            using Learner learner = Learner.Start(Policy.Load(TinyModel.Folder), EffectiveRecipe.Load("zerosiam").Recipe, TinyModel.Folder, ranks: ranks);
            learner.CompareRanks();
            if (ranks.Rank == 2)
            {
                using IDisposable noGradient = no_grad();
                using DisposeScope scope = NewDisposeScope();
                Tensor last = learner.Learning.Last().view(-1)[-1]; // of the predictor, so that all that learns is looked at
                last.copy_(last.Times(MathF.BitIncrement(1)));
            }

            return Assert.Throws<RanksException>(learner.CompareRanks).Message;
        });
        Assert.All(said, line => Assert.StartsWith("rank 2 has other weights than rank 0", line));
    }

    /// <summary>Answers with what it was asked.</summary>
    private sealed class Echo : IRolloutSource
    {
        public string Engine => "echo";

        public IReadOnlyList<Rollout[]> Generate(
            IReadOnlyList<GenerationRequest> requests, SamplingOptions options, Action<GenerationProgress>? progress = null, CancellationToken cancel = default)
        {
            cancel.ThrowIfCancellationRequested();
            return
            [
                .. requests.Select(request => Enumerable.Range(request.FirstSample, request.Samples).Select(sample => new Rollout(
                    request.PromptId, sample, request.PromptIds, [.. Enumerable.Range(0, sample)], [.. Enumerable.Range(0, sample).Select(t => -t / 7f)],
                    sample % 2 == 0 ? FinishReason.Stop : FinishReason.Length) { LargeTokens = sample / 2 }).ToArray()),
            ];
        }
    }
}
