using Reasoning.Grading;
using Reasoning.Rewards.Novelty;

namespace Reasoning.Rewards.Tests;

public sealed class NoveltyRewardTests
{
    /// <summary>An embedding that reads the vector from the text: "1 0 0".</summary>
    private sealed class GivenVectors : ITextEmbedding
    {
        public float[][] Embed(IReadOnlyList<string> texts) =>
            [.. texts.Select(text => Unit([.. text.Split(' ').Select(part => float.Parse(part, System.Globalization.CultureInfo.InvariantCulture))]))];

        private static float[] Unit(float[] vector)
        {
            float norm = MathF.Sqrt(vector.Sum(x => x * x));
            return [.. vector.Select(x => x / norm)];
        }
    }

    private static NoveltyResult Score(NoveltyOptions? options, params (string Vector, bool Agrees, bool Valid)[] group) =>
        NoveltyReward.Score([.. group.Select(r => new NoveltyResponse(r.Vector, r.Agrees, r.Valid))], new GivenVectors(), options);

    [Fact]
    public void The_formula_holds_on_a_hand_worked_group()
    {
        // Majority: a = b = (1,0), c = (0,1); minority: d = (0.6,0.8).
        NoveltyResult result = Score(null, ("1 0", true, true), ("1 0", true, true), ("0 1", true, true), ("0.6 0.8", false, true));
        // s̄_a = (1 + 0)/2, m_a = 1 → u = 1 − (0.25 + 0.5); s̄_c = 0, m_c = 0.8 → u = 1 − 0.4
        Assert.Equal(0.5, result.MeanSimilarity[0], 6);
        Assert.Equal(1, result.LargestSimilarity[0], 6);
        Assert.Equal(0.25, result.Novelty[0], 6);
        Assert.Equal(0.6, result.Novelty[2], 6);
        // d is alone in its group: the mean runs over all others.
        Assert.Equal((0.6 + 0.6 + 0.8) / 3, result.MeanSimilarity[3], 6);
        Assert.Equal([0.5, 0.5, 1], result.Rewards[..3]);
        Assert.Equal(-0.5, result.Rewards[3]);
    }

    [Fact]
    public void Scores_between_the_extremes_are_scaled_linearly()
    {
        NoveltyResult result = Score(null, ("1 0 0", true, true), ("0.9 0.1 0", true, true), ("0 1 0", true, true), ("0 0 1", true, true));
        double low = result.Novelty.Min(), high = result.Novelty.Max();
        for (int i = 0; i < 4; i++) Assert.Equal(0.5 + (0.5 * (result.Novelty[i] - low) / (high - low)), result.Rewards[i], 9);
    }

    [Fact]
    public void Bands_never_overlap()
    {
        NoveltyResult result = Score(
            null, ("1 0", true, true), ("0.5 0.5", true, true), ("0 1", false, true), ("0.1 1", false, true), ("1 1", false, false));
        Assert.All(result.Rewards[..2], reward => Assert.InRange(reward, 0.5, 1));
        Assert.All(result.Rewards[2..4], reward => Assert.InRange(reward, -1, -0.5));
        Assert.Equal(-1, result.Rewards[4]);
        Assert.True(double.IsNaN(result.Novelty[4]));
    }

    [Fact]
    public void Nothing_to_compare_leaves_the_vote()
    {
        Assert.Empty(Score(null).Rewards);
        Assert.Equal([1], Score(null, ("1 0", true, true)).Rewards);
        Assert.Equal([0], Score(null, ("1 0", false, true)).Rewards);
    }

    [Fact]
    public void None_or_one_valid_response_earns_minus_one_throughout()
    {
        Assert.Equal([-1, -1], Score(null, ("1 0", true, false), ("1 0", true, false)).Rewards);
        Assert.Equal([-1, -1, -1], Score(null, ("1 0", true, true), ("1 0", false, false), ("0 1", false, false)).Rewards);
    }

    [Fact]
    public void Equal_scores_take_the_middle_by_default_and_the_bottom_in_the_paper()
    {
        (string, bool, bool)[] group = [("1 0", true, true), ("1 0", true, true), ("1 0", false, true), ("1 0", false, true)];
        Assert.Equal([0.75, 0.75, -0.75, -0.75], Score(null, group).Rewards);
        Assert.Equal([0.5, 0.5, -1, -1], Score(NoveltyOptions.Paper, group).Rewards);
    }

    [Fact]
    public void Groups_of_one_take_the_top_by_default_and_the_bottom_in_the_paper()
    {
        (string, bool, bool)[] group = [("1 0", true, true), ("0 1", false, true)];
        Assert.Equal([1, -0.5], Score(null, group).Rewards);
        Assert.Equal([0.5, -1], Score(NoveltyOptions.Paper, group).Rewards);
    }

    [Fact]
    public void When_all_agree_novelty_is_all_that_differs()
    {
        NoveltyResult result = Score(null, ("1 0", true, true), ("1 0", true, true), ("0 1", true, true));
        Assert.Equal([0.5, 0.5, 1], result.Rewards);
    }

    [Fact]
    public void Negative_similarity_counts_as_zero_only_when_clipped()
    {
        (string, bool, bool)[] group = [("1 0", true, true), ("-1 0", true, true), ("0 1", true, true)];
        Assert.Equal(0, Score(null, group).MeanSimilarity[0], 6);
        Assert.Equal(-0.5, Score(NoveltyOptions.Paper, group).MeanSimilarity[0], 6);
    }

    [Theory]
    [InlineData(@"\boxed{\frac{1}{2}}", true, true, true)]
    [InlineData(@"\boxed{\pi}", true, false, false)]
    [InlineData(@"\boxed{\text{(C)}}", true, false, false)]
    [InlineData(@"\boxed{\frac{a}{2}}", true, true, false)]
    [InlineData(@"\boxed{1} then \boxed{\pi}", true, false, true)]
    [InlineData(@"\boxed{1} then \boxed{2", false, false, true)]
    [InlineData(@"\fbox{5}", true, true, false)]
    [InlineData("5", false, false, false)]
    public void Validity_rules_differ_as_documented(string text, bool readable, bool finalBox, bool anyBox)
    {
        Assert.Equal(readable, NoveltyReward.IsValid(text, AnswerExtractor.Extract(text), truncated: false, NoveltyValidity.ReadableAnswer));
        Assert.Equal(finalBox, NoveltyReward.IsValid(text, AnswerExtractor.Extract(text), truncated: false, NoveltyValidity.FinalBoxHasDigit));
        Assert.Equal(anyBox, NoveltyReward.IsValid(text, AnswerExtractor.Extract(text), truncated: false, NoveltyValidity.AnyBoxHasDigit));
        Assert.False(NoveltyReward.IsValid(text, AnswerExtractor.Extract(text), truncated: true, NoveltyValidity.ReadableAnswer));
    }

    [Fact]
    public void The_reasoning_part_ends_before_the_last_box()
    {
        const string Text = @"<think>a</think> First \boxed{1}, better: \boxed{2}.";
        Assert.Equal(@"<think>a</think> First \boxed{1}, better:", NoveltyReward.ReasoningPart(Text, AnswerExtractor.Extract(Text), NoveltyText.BeforeFinalBox));
        Assert.Equal(@"First \boxed{1}, better: \boxed{2}.", NoveltyReward.ReasoningPart(Text, AnswerExtractor.Extract(Text), NoveltyText.AfterThinking));
        Assert.Equal("no box", NoveltyReward.ReasoningPart("no box", AnswerExtractor.Extract("no box"), NoveltyText.BeforeFinalBox));
        Assert.Equal("no tag", NoveltyReward.ReasoningPart("no tag", AnswerExtractor.Extract("no tag"), NoveltyText.AfterThinking));
    }

    [Fact]
    public void Hashed_ngrams_are_unit_length_deterministic_and_put_like_texts_close()
    {
        var embedding = new HashedNgramEmbedding();
        string[] texts = ["12 + 30 = 42, so 42 + 7 = 49", "12 + 30 = 42, so 42 + 7 = 49.", "We count backwards from one hundred.", ""];
        float[][] vectors = embedding.Embed(texts), again = new HashedNgramEmbedding().Embed(texts);
        for (int i = 0; i < texts.Length; i++) Assert.Equal(vectors[i], again[i]);
        for (int i = 0; i < 3; i++) Assert.Equal(1, Dot(vectors[i], vectors[i]), 5);
        Assert.Equal(0, Dot(vectors[3], vectors[3]));
        Assert.True(Dot(vectors[0], vectors[1]) > 0.8);
        Assert.True(Dot(vectors[0], vectors[2]) < 0.3);
        Assert.Empty(embedding.Embed([]));

        static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
    }
}
