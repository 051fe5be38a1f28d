namespace TorchSharp;

/// <summary>The numbers of one SGD update, in float64 until a kernel rounds them to the parameter's type.</summary>
internal readonly record struct SgdRule(
    double LearningRate, double Momentum, double Dampening, double WeightDecay, bool Nesterov, bool Maximize);
