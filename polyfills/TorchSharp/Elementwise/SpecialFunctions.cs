namespace TorchSharp;

/// <summary>Functions that <see cref="Math"/> lacks, accurate to a few units in the last place of float64.</summary>
internal static class SpecialFunctions
{
    /// <summary>log(1 + x) without cancellation near zero: the rounding error of 1 + x is corrected by its ratio.</summary>
    internal static double Log1P(double x)
    {
        double u = 1 + x;
        if (u == 1)
            return x;
        return double.IsPositiveInfinity(u) ? u : Math.Log(u) * (x / (u - 1));
    }

    /// <summary>exp(x) − 1 without cancellation near zero (Kahan's correction by log).</summary>
    internal static double ExpM1(double x)
    {
        if (Math.Abs(x) < 1e-5)
            return x + 0.5 * x * x + x * x * x / 6;
        double u = Math.Exp(x);
        if (u == 1)
            return x;
        double um1 = u - 1;
        if (um1 == -1 || double.IsInfinity(u) || Math.Abs(x) > 1)
            return um1;
        return um1 * (x / Math.Log(u));
    }

    /// <summary>
    /// Error function: its Maclaurin series in the form with positive terms for |x| &lt; 3, a continued fraction of the
    /// complement beyond (Abramowitz and Stegun 7.1.6 and 7.1.14).
    /// </summary>
    internal static double Erf(double x)
    {
        double a = Math.Abs(x);
        if (double.IsNaN(x))
            return x;
        if (a >= 6)
            return Math.Sign(x);
        if (a < 3)
        {
            double term = x, sum = x, xx = x * x;
            for (int n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
            {
                term *= 2 * xx / (2 * n + 1);
                sum += term;
            }

            return 2 / Math.Sqrt(Math.PI) * Math.Exp(-xx) * sum;
        }

        double fraction = 0;
        for (int n = 60; n >= 1; n--)
            fraction = n / 2.0 / (a + fraction);
        double complement = Math.Exp(-a * a) / (Math.Sqrt(Math.PI) * (a + fraction));
        return x < 0 ? complement - 1 : 1 - complement;
    }
}
