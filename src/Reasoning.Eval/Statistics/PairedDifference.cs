namespace Reasoning.Eval.Statistics;

/// <summary>A change between two evaluations of the same problems.</summary>
/// <param name="Mean">Mean of after − before.</param>
/// <param name="Low">Lower end of the 95 % interval.</param>
/// <param name="High">Upper end of the 95 % interval.</param>
/// <param name="PValue">Two-sided sign-flip p-value of "no change".</param>
/// <param name="Better">Problems with a higher score after.</param>
/// <param name="Worse">Problems with a lower score after.</param>
/// <param name="Problems">Number of problems.</param>
public sealed record PairedDifference(double Mean, double Low, double High, double PValue, int Better, int Worse, int Problems);
