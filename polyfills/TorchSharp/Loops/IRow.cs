namespace TorchSharp;

/// <summary>Work on one row of up to four operands; strides are in bytes, unused operands are null.</summary>
internal unsafe interface IRow
{
    void Run(nint n, byte* p0, nint s0, byte* p1, nint s1, byte* p2, nint s2, byte* p3, nint s3);
}
