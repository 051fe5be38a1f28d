using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>
/// Arithmetic of tensors with numbers, and their sum, in the place of TorchSharp's operators. TorchSharp gives a number to libtorch as a
/// <see cref="Scalar"/> that nothing holds during the call, in <c>x * 2</c> as well as in <c>x + y</c> (y has a factor of one there): when another
/// thread collects garbage, it is freed while libtorch still reads it, and the result is an error or another number. Here a number is held until
/// the call returns, and is freed then. For other operations, name the number: <c>using Scalar zero = 0; x.gt(zero)</c>.
/// </summary>
/// <remarks><c>x - y</c>, <c>x * y</c>, <c>x / y</c> and <c>-x</c> of tensors alone are safe: no number takes part.</remarks>
public static class Arithmetic
{
    private static readonly Scalar s_zero = 0, s_one = 1;

    /// <summary>x + y, of shapes that broadcast.</summary>
    public static Tensor Plus(this Tensor x, Tensor y) => Of(x).add(y, s_one);

    /// <summary>x + number. A tensor of whole numbers becomes one of floating-point numbers, as in every operation with a number here.</summary>
    public static Tensor Plus(this Tensor x, double number)
    {
        using Scalar held = number;
        return Of(x).add(held, s_one);
    }

    /// <summary>x − number.</summary>
    public static Tensor Minus(this Tensor x, double number)
    {
        using Scalar held = number;
        return Of(x).sub(held);
    }

    /// <summary>x · number.</summary>
    public static Tensor Times(this Tensor x, double number)
    {
        using Scalar held = number;
        return Of(x).mul(held);
    }

    /// <summary>x / number.</summary>
    public static Tensor DividedBy(this Tensor x, double number)
    {
        using Scalar held = number;
        return Of(x).div(held);
    }

    /// <summary>x += y; x itself.</summary>
    public static Tensor AddInPlace(this Tensor x, Tensor y) => Of(x).add_(y, s_one);

    /// <summary>x += y · factor; x itself.</summary>
    public static Tensor AddInPlace(this Tensor x, Tensor y, double factor)
    {
        using Scalar held = factor;
        return Of(x).add_(y, held);
    }

    /// <summary>x += number; x itself.</summary>
    public static Tensor AddInPlace(this Tensor x, double number)
    {
        using Scalar held = number;
        return Of(x).add_(held, s_one);
    }

    /// <summary>x += number, also where x has whole numbers; x itself.</summary>
    public static Tensor AddInPlace(this Tensor x, long number)
    {
        using Scalar held = number;
        return Of(x).add_(held, s_one);
    }

    /// <summary>[count] 0, 1, 2 and so on.</summary>
    public static Tensor Range(long count, ScalarType dtype, Device device)
    {
        using Scalar held = count;
        return arange(s_zero, held, s_one, dtype, device);
    }

    /// <summary>x[rows[i]] += values[i], for each i in order; x itself.</summary>
    public static Tensor AddRowsInPlace(this Tensor x, Tensor rows, Tensor values) => Of(x).index_add_(0, rows, values, s_one);

    private static Tensor Of(Tensor? x) => x ?? throw new ArgumentNullException(nameof(x));
}
