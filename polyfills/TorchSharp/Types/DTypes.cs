using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Sizes, categories and promotion of element types.</summary>
internal static class DTypes
{
    internal static int Size(ScalarType type) => type switch
    {
        ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool => 1,
        ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
        ScalarType.Int32 or ScalarType.Float32 => 4,
        ScalarType.Int64 or ScalarType.Float64 => 8,
        _ => throw new NotSupportedException($"Tensors of type {type} are not part of the embedded backend."),
    };

    /// <summary>0 Boolean, 1 integral, 2 floating point.</summary>
    internal static int Category(ScalarType type) => type switch
    {
        ScalarType.Bool => 0,
        ScalarType.Byte or ScalarType.Int8 or ScalarType.Int16 or ScalarType.Int32 or ScalarType.Int64 => 1,
        ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64 => 2,
        _ => throw new NotSupportedException($"Tensors of type {type} are not part of the embedded backend."),
    };

    internal static bool IsFloat(ScalarType type) => is_floating_point(type);

    /// <summary>16-bit floating point: stored as such, computed in float32.</summary>
    internal static bool IsReduced(ScalarType type) => type is ScalarType.Float16 or ScalarType.BFloat16;

    internal static ScalarType Promote(ScalarType a, ScalarType b)
    {
        if (a == b)
            return a;
        int ca = Category(a), cb = Category(b);
        if (ca != cb)
            return ca > cb ? a : b;
        if (ca == 2)
        {
            if (IsReduced(a) && IsReduced(b))
                return ScalarType.Float32;
            return Size(a) > Size(b) ? a : b;
        }

        // Byte with a signed type needs the next signed size.
        if (a == ScalarType.Byte || b == ScalarType.Byte)
        {
            ScalarType other = a == ScalarType.Byte ? b : a;
            return other == ScalarType.Int8 ? ScalarType.Int16 : other;
        }

        return Size(a) > Size(b) ? a : b;
    }

    /// <summary>Promotion of tensors: a zero-dimensional one matters only if its category is higher.</summary>
    internal static ScalarType Result(Tensor a, Tensor b)
    {
        ScalarType ta = a.dtype, tb = b.dtype;
        if (ta == tb)
            return ta;
        bool da = a.ndim > 0, db = b.ndim > 0;
        if (da == db)
            return Promote(ta, tb);
        (ScalarType strong, ScalarType weak) = da ? (ta, tb) : (tb, ta);
        return Category(weak) > Category(strong) ? Promote(weak, strong) : strong;
    }

    /// <summary>Promotion of a tensor with a scalar: the scalar contributes its category only.</summary>
    internal static ScalarType Result(ScalarType tensor, Scalar scalar)
    {
        int ct = Category(tensor), cs = Category(scalar.Type);
        if (cs <= ct)
            return tensor;
        return cs == 2 ? get_default_dtype() : ScalarType.Int64;
    }

    internal static ScalarType Of(Type type)
    {
        if (type == typeof(float))
            return ScalarType.Float32;
        if (type == typeof(double))
            return ScalarType.Float64;
        if (type == typeof(long))
            return ScalarType.Int64;
        if (type == typeof(int))
            return ScalarType.Int32;
        if (type == typeof(bool))
            return ScalarType.Bool;
        if (type == typeof(byte))
            return ScalarType.Byte;
        if (type == typeof(sbyte))
            return ScalarType.Int8;
        if (type == typeof(short))
            return ScalarType.Int16;
        if (type == typeof(Half))
            return ScalarType.Float16;
        if (type == typeof(BFloat16))
            return ScalarType.BFloat16;
        throw new NotSupportedException($"Tensors of {type.Name} are not part of the embedded backend.");
    }
}
