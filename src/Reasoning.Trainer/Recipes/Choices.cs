namespace Reasoning.Trainer.Recipes;

/// <summary>A control experiment: a vote with the link to the answers cut (rewards without a vote are cut themselves), or a way with the direction lost.</summary>
internal enum ControlKind
{
    /// <summary>No control: the reward as the recipe defines it.</summary>
    None,

    /// <summary>Whether an answer agrees with the vote is a coin flip.</summary>
    Random,

    /// <summary>As many answers of a group agree as do, but they are drawn at random.</summary>
    Shuffled,

    /// <summary>Every parameter moves as far as the method moves it, in a random direction; see <c>RandomDirection</c>.</summary>
    RandomDirection,
}

/// <summary>Where the paper of EVOL-RL and its code differ; see <see cref="Rewards.Novelty.NoveltyOptions"/>.</summary>
internal enum NoveltyRulesKind
{
    /// <summary>The bands of the code; valid is what can be read.</summary>
    Ours,

    /// <summary>The paper.</summary>
    Paper,

    /// <summary>The released code.</summary>
    Code,
}

/// <summary>How the similarity of two answers' reasoning is measured.</summary>
internal enum EmbeddingKind
{
    /// <summary>Hashed n-grams with TF-IDF weights.</summary>
    Ngrams,

    /// <summary>The policy's own hidden states, averaged.</summary>
    HiddenStates,

    /// <summary>The sentence embeddings of all-MiniLM-L6-v2, from a plug-in.</summary>
    Minilm,

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

    /// <summary>What an answer adds to a random set of k, of which one has to be right.</summary>
    [Word("pass@k")]
    PassAtK,
}

/// <summary>Which parameters learn.</summary>
internal enum TrainableKind
{
    /// <summary>Every parameter.</summary>
    All,

    /// <summary>Layers and norms: every parameter but the head and the embedding, which may be one.</summary>
    Body,

    /// <summary>The weights of all RMS norms.</summary>
    Norms,

    /// <summary>Low-rank adapters.</summary>
    Lora,

    /// <summary>Low-rank adapters that begin as the largest singular vectors of the weights.</summary>
    Pissa,

    /// <summary>As pissa, with the singular values apart and vectors that are held orthonormal.</summary>
    Sorsa,
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

/// <summary>In which order prompts are drawn.</summary>
internal enum PromptOrderKind
{
    /// <summary>Every epoch in its own random order.</summary>
    Shuffled,

    /// <summary>As they stand in the file.</summary>
    File,
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

/// <summary>What an alarm of the guard does.</summary>
internal enum GuardActionKind
{
    /// <summary>The run ends with exit code 3 and names the last good checkpoint.</summary>
    Stop,

    /// <summary>The run goes on from the last good checkpoint with half the rate.</summary>
    Rollback,

    /// <summary>The run goes on; the alarm is in the log.</summary>
    Warn,
}
