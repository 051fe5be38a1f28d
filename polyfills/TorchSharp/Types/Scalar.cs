using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>A number with its own type, as operand of tensor operations.</summary>
public sealed class Scalar : IDisposable
{
    private readonly double _float;
    private readonly long _integer;

    private Scalar(double value, ScalarType type)
    {
        _float = value;
        Type = type;
    }

    private Scalar(long value, ScalarType type)
    {
        _integer = value;
        Type = type;
    }

    public ScalarType Type { get; }

    internal bool IsFloat => Type is ScalarType.Float64;

    internal double Double => IsFloat ? _float : _integer;

    internal long Long => IsFloat ? (long)_float : _integer;

    internal bool IsTrue => IsFloat ? _float != 0 : _integer != 0;

    internal static Scalar Of(double value) => new(value, ScalarType.Float64);

    internal static Scalar Of(long value) => new(value, ScalarType.Int64);

    public static implicit operator Scalar(byte value) => new(value, ScalarType.Int64);

    public static implicit operator Scalar(sbyte value) => new((long)value, ScalarType.Int64);

    public static implicit operator Scalar(short value) => new((long)value, ScalarType.Int64);

    public static implicit operator Scalar(int value) => new((long)value, ScalarType.Int64);

    public static implicit operator Scalar(long value) => new(value, ScalarType.Int64);

    public static implicit operator Scalar(Half value) => new((double)value, ScalarType.Float64);

    public static implicit operator Scalar(BFloat16 value) => new(value.ToSingle(), ScalarType.Float64);

    public static implicit operator Scalar(float value) => new(value, ScalarType.Float64);

    public static implicit operator Scalar(double value) => new(value, ScalarType.Float64);

    public static implicit operator Scalar(bool value) => new(value ? 1L : 0L, ScalarType.Bool);

    public void Dispose()
    {
    }
}
