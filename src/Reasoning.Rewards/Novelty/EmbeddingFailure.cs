namespace Reasoning.Rewards.Novelty;

/// <summary>What a run does when its embedding fails.</summary>
public enum EmbeddingFailure
{
    /// <summary>The error goes on to the caller, and the run ends.</summary>
    Stop,

    /// <summary>Novelty is off from then on: the majority alone decides, and the notice says so once.</summary>
    SwitchOff,
}
