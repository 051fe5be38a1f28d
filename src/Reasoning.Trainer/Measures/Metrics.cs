namespace Reasoning.Trainer.Measures;

/// <summary>
/// What every run may write to metrics.jsonl; methods declare their own beside it. "agrees" means equal to the vote, "correct" equal to
/// the gold answer; metrics that compare with gold answers are logged where a prompt has one and never trained on.
/// </summary>
internal static class Metrics
{
    public static readonly Metric VoteShare =
        new("vote_share", "share", "none", "Mean over prompts: votes for the winner divided by all answers.");
    public static readonly Metric TieShare =
        new("tie_share", "share", "down", "Prompts whose vote is a tie; the answer that was seen first wins.");
    public static readonly Metric DistinctAnswers =
        new("distinct_answers", "answers", "none", "Mean over prompts: different answers to a prompt.");
    public static readonly Metric CommonAnswerShare = new("common_answer_share", "share", "down",
        "Prompts whose vote is the answer that most prompts of the step voted for, whatever was asked.");
    public static readonly Metric Reward = new("reward", "reward", "up", "Mean reward of the answers that learn.");
    public static readonly Metric RewardDeviation =
        new("reward_deviation", "reward", "none", "Mean over groups of the standard deviation of the rewards.");
    public static readonly Metric FlatGroups =
        new("flat_groups", "groups", "down", "Groups whose rewards are all equal: they give no advantage.");
    public static readonly Metric SkippedGroups =
        new("skipped_groups", "groups", "down", "Groups that do not train: all answers truncated, or too few that can be read.");
    public static readonly Metric TruncatedShare = new("truncated_share", "share", "down", "Answers that ran into the token limit.");
    public static readonly Metric UnansweredShare =
        new("unanswered_share", "share", "down", "Answers without a complete box, truncated ones included.");
    public static readonly Metric UnreadShare =
        new("unread_share", "share", "down", "Answers whose box holds something that cannot be read; they do not vote.");
    public static readonly Metric OverBudgetShare =
        new("over_budget_share", "share", "down", "Those among them that are too long or too large to work out.");
    public static readonly Metric AnswerTokens = new("answer_tokens", "tokens", "none", "Mean length of an answer.");
    public static readonly Metric Repetition =
        new("repetition", "share", "down", "Four-grams of an answer that occurred in it before, mean over answers.");
    public static readonly Metric FrequentTokenShare =
        new("frequent_token_share", "share", "down", "Answer tokens that are the most frequent one of the step.");
    public static readonly Metric LabelAccuracy = new("label_accuracy", "share", "up", "Prompts whose vote equals the gold answer.");
    public static readonly Metric RewardAccuracy =
        new("reward_accuracy", "share", "up", "Answers for which agreeing with the vote and being correct are the same.");
    public static readonly Metric CorrectShare = new("correct_share", "share", "up", "Answers that equal the gold answer.");
    public static readonly Metric OnlineAccuracy = new("online_accuracy", "share", "up",
        "Answers since the run began that equal the gold answer; each was sampled before the update that learns from it.");
    public static readonly Metric Loss =
        new("loss", "nats", "none", "What the optimizer minimizes; near zero by construction for policy gradients, so watch the reward.");
    public static readonly Metric Entropy =
        new("entropy", "nats", "none", "Mean entropy of the distributions that predict the answer tokens that learn.");
    public static readonly Metric ProbeKl = new("probe_kl", "nats", "none",
        "Distance from the start model, KL(start‖now) per token, estimated on answers of the start model to a few prompts.");
    public static readonly Metric ProbeDistance =
        new("probe_distance", "ratio", "down", "That distance divided by the start model's entropy on those answers.");
    public static readonly Metric ProbeEntropy =
        new("probe_entropy", "ratio", "none", "Mean entropy on those answers, divided by the start model's.");
    public static readonly Metric ProbeLogitNorm =
        new("probe_logit_norm", "ratio", "none", "Mean Euclidean norm of the logits on those answers, divided by the start model's.");
    public static readonly Metric ProbeAgreement = new("probe_agreement", "ratio", "up",
        "Every fourth step and at those of checkpoint-every: how often new answers to prompts equal answers of the start model, divided by how often the start model's own do.");
    public static readonly Metric LogProbGap =
        new("logprob_gap", "nats", "down", "Mean distance between log-probabilities of sampler and trainer before the first update.");
    public static readonly Metric LogProbGapMax = new("logprob_gap_max", "nats", "down", "Largest such distance.");
    public static readonly Metric RolloutStaleness = new("rollout_staleness", "updates", "down",
        "Answers of a server: updates since the weights that made them, mean over answers.");
    public static readonly Metric ServedGap = new("served_gap", "nats", "down",
        "Answers of a server: mean distance of its log-probabilities from the policy's before the first update.");
    public static readonly Metric ImportanceWeight = new("importance_weight", "ratio", "none",
        "Answers of a server: truncated importance weight, mean over tokens.");
    public static readonly Metric ImportanceCut = new("importance_cut", "share", "down", "Answers of a server: tokens whose importance weight was truncated.");
    public static readonly Metric GradNorm =
        new("grad_norm", "norm", "none", "Gradient norm before clipping, mean over the step's updates.");
    public static readonly Metric OrthonormalDistance = new("orthonormal_distance", "norm", "down",
        "SORSA: how far the adapters' vectors are from orthonormal ones before the update, mean of ‖A Aᵀ − I‖ and ‖Bᵀ B − I‖.");
    public static readonly Metric Rate = new("learning_rate", "per update", "none", "Learning rate.");
    public static readonly Metric Updates = new("updates", "updates", "none", "Optimizer steps of the step.");
    public static readonly Metric TrainedTokens = new("trained_tokens", "tokens", "none", "Answer tokens that entered the loss.");
    public static readonly Metric SamplingSeconds = new("sampling_seconds", "s", "down", "Time for sampling.");
    public static readonly Metric JudgingSeconds = new("judging_seconds", "s", "down", "Time for extraction, vote and rewards.");
    public static readonly Metric UpdateSeconds = new("update_seconds", "s", "down", "Time for loss, gradients and optimizer.");
    public static readonly Metric ForwardSeconds =
        new("forward_seconds", "s", "down", "Part of the update: model and head forward, the reference model included. On a GPU work may be queued and count later.");
    public static readonly Metric BackwardSeconds = new("backward_seconds", "s", "down", "Part of the update: gradients.");
    public static readonly Metric OptimizerSeconds =
        new("optimizer_seconds", "s", "down", "Part of the update: clipping, optimizer, checks for values that are not finite.");
    public static readonly Metric ExchangeSeconds = new("exchange_seconds", "s", "down",
        "Part of the update, where several ranks share it: until rank 0 has the sums over all of them, waiting for slower ones included.");
    public static readonly Metric ProbeSeconds = new("probe_seconds", "s", "down", "Time for reading the answers of the start model, and for new ones.");
    public static readonly Metric WritingSeconds = new("writing_seconds", "s", "down", "Time for log and checkpoint of the step before.");
    public static readonly Metric TokensPerSecond =
        new("tokens_per_second", "tokens/s", "up", "Sampled tokens divided by the time of the whole step.");
    public static readonly Metric LiveTensors = new("live_tensors", "tensors", "down", "Tensors alive after the step.");
    public static readonly Metric ResidentMemory =
        new("resident_memory", "MiB", "down", "Most memory that was resident in the process since it began.");
    public static readonly Metric DeviceMemory =
        new("device_memory", "MiB", "down", "CUDA: memory of the device in use after the step, by all processes.");

    /// <summary>In the order in which they are written.</summary>
    public static IReadOnlyList<Metric> Common { get; } =
        [.. typeof(Metrics).GetFields().Select(field => (Metric)field.GetValue(null)!)];
}
