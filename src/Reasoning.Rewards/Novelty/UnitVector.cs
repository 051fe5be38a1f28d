namespace Reasoning.Rewards.Novelty;

/// <summary>Vectors whose inner product is their cosine.</summary>
internal static class UnitVector
{
    /// <summary>The sum of squares, in float64.</summary>
    public static double Squares(ReadOnlySpan<float> vector)
    {
        double squares = 0;
        foreach (float x in vector) squares += (double)x * x;
        return squares;
    }

    /// <summary>Scales to length one in place; what is nearly zero stays small (norm at least 1e-8, as in the code of EVOL-RL).</summary>
    public static float[] Scale(float[] vector)
    {
        double scale = 1 / Math.Max(Math.Sqrt(Squares(vector)), 1e-8);
        for (int i = 0; i < vector.Length; i++) vector[i] = (float)(vector[i] * scale);
        return vector;
    }
}
