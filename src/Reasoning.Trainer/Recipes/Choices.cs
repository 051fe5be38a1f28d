namespace Reasoning.Trainer.Recipes;

/// <summary>What a sampled answer is worth.</summary>
internal enum RewardKind
{
    /// <summary>No reward: the objective needs none.</summary>
    None,

    /// <summary>1 where the answer equals the vote, else 0.</summary>
    Majority,

    /// <summary>EVOL-RL: the vote decides the band, novelty the place within it.</summary>
    [Word("majority+novelty")]
    MajorityNovelty,

    /// <summary>The share of samples that gave the same answer.</summary>
    SoftMajority,

    /// <summary>Log-probability of the whole answer under the policy that sampled it (EM-RL-sequence).</summary>
    Likelihood,

    /// <summary>Minus the sum of the entropies that the tokens of the answer were drawn with (EM-RL-token).</summary>
    NegativeEntropy,

    /// <summary>Minus the mean of those entropies; who gives no answer gets less than anyone who does (RENT).</summary>
    NegativeMeanEntropy,

    /// <summary>How far from uniform the distributions are that its tokens were drawn with, mean over tokens (Intuitor).</summary>
    SelfCertainty,

    /// <summary>1 where the answer equals the gold answer, else 0: a labelled baseline.</summary>
    Gold,
}

/// <summary>A control experiment: a vote with the link to the answers cut (rewards without a vote are cut themselves), or a way with the direction lost.</summary>
internal enum ControlKind
{
    /// <summary>No control: the reward as the recipe defines it.</summary>
    None,

    /// <summary>Whether an answer agrees with the vote is a coin flip.</summary>
    Random,

    /// <summary>As many answers of a group agree as do, but they are drawn at random.</summary>
    Shuffled,

    /// <summary>Every parameter moves as far as the method moves it, in a random direction; see <see cref="Updates.RandomDirection"/>.</summary>
    RandomDirection,
}

/// <summary>Where the paper of EVOL-RL and its code differ; see <see cref="Rewards.NoveltyOptions"/>.</summary>
internal enum NoveltyRulesKind
{
    /// <summary>The bands of the code; valid is what can be read.</summary>
    Ours,

    /// <summary>The paper.</summary>
    Paper,

    /// <summary>The released code.</summary>
    Code,
}

/// <summary>What says how alike two lines of reasoning are.</summary>
internal enum EmbeddingKind
{
    /// <summary>Hashed n-grams with TF-IDF weights.</summary>
    Ngrams,

    /// <summary>The policy's own hidden states, averaged.</summary>
    HiddenStates,

    /// <summary>A server that speaks the OpenAI form of <c>/v1/embeddings</c>.</summary>
    Endpoint,
}

/// <summary>How rewards of a group become advantages.</summary>
internal enum AdvantageKind
{
    /// <summary>(r − mean) / standard deviation.</summary>
    Grpo,

    /// <summary>r − mean.</summary>
    DrGrpo,

    /// <summary>r − mean of the others.</summary>
    Rloo,

    /// <summary>r − mean, then whitened over all tokens of the step (REINFORCE++ with group baseline).</summary>
    [Word("reinforce++")]
    ReinforcePlusPlus,
}

/// <summary>Which parameters learn.</summary>
internal enum TrainableKind
{
    /// <summary>Every parameter.</summary>
    All,

    /// <summary>The weights of all RMS norms.</summary>
    Norms,

    /// <summary>Low-rank adapters.</summary>
    Lora,
}

/// <summary>A type of weights, activations or products.</summary>
internal enum WeightsKind
{
    /// <summary>32 bits.</summary>
    Float32,

    /// <summary>16 bits with the range of float32.</summary>
    Bfloat16,
}

/// <summary>The optimizer.</summary>
internal enum OptimizerKind
{
    /// <summary>Adam with decoupled weight decay.</summary>
    Adamw,

    /// <summary>Stochastic gradient descent with momentum.</summary>
    Sgd,
}

/// <summary>How the learning rate changes over the steps.</summary>
internal enum ScheduleKind
{
    /// <summary>The same in every step after the warm-up.</summary>
    Constant,

    /// <summary>Falls along half a cosine from the full rate to zero at the end.</summary>
    Cosine,
}

/// <summary>How token losses are averaged.</summary>
internal enum AggregationKind
{
    /// <summary>Every token of the update counts the same.</summary>
    TokenMean,

    /// <summary>Every answer counts the same, whatever its length.</summary>
    SequenceMean,

    /// <summary>Sum over tokens divided by answers × token limit (Dr. GRPO).</summary>
    Constant,
}

/// <summary>How a problem becomes the model's input.</summary>
internal enum PromptStyleKind
{
    /// <summary>As the model's reasoning.json says, else plain.</summary>
    Model,

    /// <summary>A text with the problem in it that the model continues.</summary>
    Plain,

    /// <summary>A user's turn in the model's chat template.</summary>
    Chat,

    /// <summary>The problem alone.</summary>
    Bare,
}

/// <summary>What happens to an answer that ran into the token limit.</summary>
internal enum TruncatedKind
{
    /// <summary>Left out of group statistics and loss.</summary>
    Mask,

    /// <summary>Takes part with the lowest reward.</summary>
    Penalize,

    /// <summary>Takes part like any other answer.</summary>
    Keep,
}
