namespace Reasoning.Trainer.Runs;

/// <summary>
/// The register of everything that may stand in metrics.jsonl. "agrees" means equal to the vote, "correct" equal to the gold answer;
/// metrics that compare with gold answers are logged where a prompt has one and never trained on.
/// </summary>
internal static class Metrics
{
    public const string VoteShare = "vote_share";
    public const string TieShare = "tie_share";
    public const string Reward = "reward";
    public const string RewardDeviation = "reward_deviation";
    public const string NoveltyOn = "novelty_on";
    public const string UnreadShare = "unread_share";
    public const string OverBudgetShare = "over_budget_share";
    public const string FlatGroups = "flat_groups";
    public const string SkippedGroups = "skipped_groups";
    public const string TruncatedShare = "truncated_share";
    public const string UnansweredShare = "unanswered_share";
    public const string AnswerTokens = "answer_tokens";
    public const string Repetition = "repetition";
    public const string LabelAccuracy = "label_accuracy";
    public const string RewardAccuracy = "reward_accuracy";
    public const string CorrectShare = "correct_share";
    public const string Loss = "loss";
    public const string Entropy = "entropy";
    public const string OnlineEntropy = "online_entropy";
    public const string Divergence = "divergence";
    public const string PredictorDeviation = "predictor_deviation";
    public const string LogitNorm = "logit_norm";
    public const string TopTokenShare = "top_token_share";
    public const string Kl = "kl";
    public const string Ratio = "ratio";
    public const string ClippedLow = "clipped_low";
    public const string ClippedHigh = "clipped_high";
    public const string LogProbGap = "logprob_gap";
    public const string LogProbGapMax = "logprob_gap_max";
    public const string GradNorm = "grad_norm";
    public const string PredictorGradNorm = "predictor_grad_norm";
    public const string Rate = "learning_rate";
    public const string Updates = "updates";
    public const string TrainedTokens = "trained_tokens";
    public const string SamplingSeconds = "sampling_seconds";
    public const string JudgingSeconds = "judging_seconds";
    public const string UpdateSeconds = "update_seconds";
    public const string ForwardSeconds = "forward_seconds";
    public const string BackwardSeconds = "backward_seconds";
    public const string OptimizerSeconds = "optimizer_seconds";
    public const string WritingSeconds = "writing_seconds";
    public const string TokensPerSecond = "tokens_per_second";
    public const string LiveTensors = "live_tensors";
    public const string DeviceMemory = "device_memory";

    /// <summary>All of them, in the order in which they are written.</summary>
    public static IReadOnlyList<Metric> All { get; } =
    [
        new(VoteShare, "share", "none", "Mean over prompts: votes for the winner divided by all answers."),
        new(TieShare, "share", "down", "Prompts whose vote is a tie; the answer that was seen first wins."),
        new(Reward, "reward", "up", "Mean reward of the answers that learn."),
        new(RewardDeviation, "reward", "none", "Mean over groups of the standard deviation of the rewards."),
        new(FlatGroups, "groups", "down", "Groups whose rewards are all equal: they give no advantage."),
        new(NoveltyOn, "flag", "none", "1 while novelty counts; 0 once a failed embedding has switched it off."),
        new(SkippedGroups, "groups", "down", "Groups that do not train: all answers truncated, or too few that can be read."),
        new(TruncatedShare, "share", "down", "Answers that ran into the token limit."),
        new(UnansweredShare, "share", "down", "Answers without a complete box, truncated ones included."),
        new(UnreadShare, "share", "down", "Answers whose box holds something that cannot be read; they do not vote."),
        new(OverBudgetShare, "share", "down", "Those among them that are too long or too large to work out."),
        new(AnswerTokens, "tokens", "none", "Mean length of an answer."),
        new(Repetition, "share", "down", "Four-grams of an answer that occurred in it before, mean over answers."),
        new(LabelAccuracy, "share", "up", "Prompts whose vote equals the gold answer."),
        new(RewardAccuracy, "share", "up", "Answers for which agreeing with the vote and being correct are the same."),
        new(CorrectShare, "share", "up", "Answers that equal the gold answer."),
        new(Loss, "nats", "none", "What the optimizer minimizes; near zero by construction for policy gradients, so watch the reward."),
        new(Entropy, "nats", "none", "Mean entropy of the distributions that predict the answer tokens that learn."),
        new(OnlineEntropy, "nats", "none", "ZeroSiam: the same behind the predictor."),
        new(Divergence, "nats", "none", "ZeroSiam: symmetric divergence between the two branches, mean over tokens."),
        new(PredictorDeviation, "deviation", "down", "ZeroSiam: ‖P − I‖ / √width after the step."),
        new(LogitNorm, "norm", "none", "ZeroSiam: mean Euclidean norm of the logits."),
        new(TopTokenShare, "share", "down", "ZeroSiam: rows whose most probable token is the most frequent one."),
        new(Kl, "nats", "down", "Divergence from the start model (estimator k3), mean over tokens."),
        new(Ratio, "ratio", "none", "Probability of a token now divided by that at sampling time, mean over tokens."),
        new(ClippedLow, "share", "none", "Tokens whose ratio is below the clip range while the advantage is negative."),
        new(ClippedHigh, "share", "none", "Tokens whose ratio is above the clip range while the advantage is positive."),
        new(LogProbGap, "nats", "down", "Mean distance between log-probabilities of sampler and trainer before the first update."),
        new(LogProbGapMax, "nats", "down", "Largest such distance."),
        new(GradNorm, "norm", "none", "Gradient norm before clipping, mean over the step's updates."),
        new(PredictorGradNorm, "norm", "none", "ZeroSiam: the same for the predictor."),
        new(Rate, "per update", "none", "Learning rate."),
        new(Updates, "updates", "none", "Optimizer steps of the step."),
        new(TrainedTokens, "tokens", "none", "Answer tokens that entered the loss."),
        new(SamplingSeconds, "s", "down", "Time for sampling."),
        new(JudgingSeconds, "s", "down", "Time for extraction, vote and rewards."),
        new(UpdateSeconds, "s", "down", "Time for loss, gradients and optimizer."),
        new(ForwardSeconds, "s", "down", "Part of the update: model and head forward, the reference model included. On a GPU work may be queued and count later."),
        new(BackwardSeconds, "s", "down", "Part of the update: gradients."),
        new(OptimizerSeconds, "s", "down", "Part of the update: clipping, optimizer, checks for values that are not finite."),
        new(WritingSeconds, "s", "down", "Time for log and checkpoint of the step before."),
        new(TokensPerSecond, "tokens/s", "up", "Sampled tokens divided by the time of the whole step."),
        new(LiveTensors, "tensors", "down", "Tensors alive after the step."),
        new(DeviceMemory, "MiB", "down", "CUDA: memory of the device in use after the step, by all processes."),
    ];

    private static readonly Dictionary<string, int> s_place = All.Select((metric, place) => (metric.Name, place)).ToDictionary();

    /// <summary>Its place in the register.</summary>
    /// <exception cref="ArgumentException">There is no such metric.</exception>
    public static int Place(string name) =>
        s_place.TryGetValue(name, out int place)
            ? place
            : throw new ArgumentException($"There is no metric called '{name}'.", nameof(name));
}
