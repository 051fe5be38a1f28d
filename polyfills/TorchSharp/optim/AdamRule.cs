namespace TorchSharp;

/// <summary>The numbers of one Adam or AdamW update, in float64 until a kernel rounds them to the parameter's type.</summary>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Eps">Added to the denominator.</param>
/// <param name="LearningRate">Step size before bias correction.</param>
/// <param name="WeightDecay">Coefficient of the decay.</param>
/// <param name="Decoupled">AdamW: the parameter shrinks by 1 − lr·decay. Otherwise Adam: the decay joins the gradient.</param>
/// <param name="AmsGrad">The denominator uses the largest second moment so far.</param>
/// <param name="Maximize">Ascends instead of descends.</param>
internal readonly record struct AdamRule(
    double Beta1, double Beta2, double Eps, double LearningRate, double WeightDecay, bool Decoupled, bool AmsGrad, bool Maximize);
