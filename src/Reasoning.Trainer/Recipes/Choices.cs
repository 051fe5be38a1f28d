namespace Reasoning.Trainer.Recipes;

/// <summary>What is minimized.</summary>
internal enum ObjectiveKind
{
    /// <summary>Token entropy (Tent).</summary>
    Entropy,

    /// <summary>Token entropy behind a predictor, aligned with the detached original (ZeroSiam).</summary>
    Zerosiam,

    /// <summary>Clipped policy gradient with group-relative advantages.</summary>
    Grpo,
}

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

    /// <summary>Log-probability of the whole answer under the policy that sampled it.</summary>
    Likelihood,

    /// <summary>1 where the answer equals the gold answer, else 0: a labelled baseline.</summary>
    Gold,
}

/// <summary>A control experiment: a reward with the link to the answers cut.</summary>
internal enum ControlKind
{
    /// <summary>No control: the reward as the recipe defines it.</summary>
    None,

    /// <summary>Every reward is a coin flip.</summary>
    Random,

    /// <summary>The rewards of a group are dealt out to its samples in random order.</summary>
    Shuffled,
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

/// <summary>Which tokens of an answer enter an entropy objective.</summary>
internal enum TokensKind
{
    /// <summary>All of them.</summary>
    All,

    /// <summary>The first few.</summary>
    First,

    /// <summary>Those with the highest entropy.</summary>
    TopEntropy,

    /// <summary>Those of the last box.</summary>
    Answer,
}
