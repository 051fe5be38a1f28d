namespace TorchSharp;

public static partial class torch
{
    /// <summary>Limits of a floating point type.</summary>
    public struct FInfo
    {
        public int bits;
        public double eps;
        public double max;
        public double min;
        public double tiny;
        public double smallest_normal;
        public double resolution;
    }

    public static FInfo finfo() => finfo(s_defaultDType);

    public static FInfo finfo(ScalarType dtype) => dtype switch
    {
        ScalarType.Float32 => Limits(32, 23, -126, float.MaxValue, 1e-6),
        ScalarType.Float64 => Limits(64, 52, -1022, double.MaxValue, 1e-15),
        ScalarType.Float16 => Limits(16, 10, -14, 65504, 1e-3),
        ScalarType.BFloat16 => Limits(16, 7, -126, BFloat16.MaxValue.ToSingle(), 1e-2),
        _ => throw new ArgumentException($"{dtype} is not a floating point type.", nameof(dtype)),
    };

    private static FInfo Limits(int bits, int mantissa, int exponent, double max, double resolution) => new()
    {
        bits = bits,
        eps = Math.ScaleB(1, -mantissa),
        max = max,
        min = -max,
        tiny = Math.ScaleB(1, exponent),
        smallest_normal = Math.ScaleB(1, exponent),
        resolution = resolution,
    };
}
