namespace TorchSharp;

/// <summary>What <see cref="torch.nn.functional"/>.pad writes outside of the input.</summary>
public enum PaddingModes
{
    Zeros = 0,
    Reflect = 1,
    Replicate = 2,
    Circular = 3,
    Constant = 4,
}
