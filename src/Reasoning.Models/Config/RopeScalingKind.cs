namespace Reasoning.Models.Config;

/// <summary>How rotary frequencies are stretched to reach beyond the context length of pretraining.</summary>
public enum RopeScalingKind
{
    /// <summary>All frequencies divided by the factor.</summary>
    Linear,

    /// <summary>The base grows with the sequence once it is longer than the original context ("dynamic NTK").</summary>
    Dynamic,

    /// <summary>Llama 3.1: long wavelengths divided by the factor, short ones kept, a ramp between.</summary>
    Llama3,

    /// <summary>YaRN (arXiv 2309.00071): a ramp by number of rotations, and a temperature on attention.</summary>
    Yarn,
}
