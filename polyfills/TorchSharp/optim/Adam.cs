using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// Adam (arXiv:1412.6980): p ← p − lr/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε), where weight decay adds decay·p to the gradient.
/// The moments have the parameter's dtype.
/// </summary>
public partial class Adam : OptimizerHelper
{
    private readonly AdamKernel _kernel = new();
    private readonly Options _defaults;

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public Adam(
        IEnumerable<Parameter> parameters,
        double lr = 0.001,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double eps = 1e-08,
        double weight_decay = 0,
        bool amsgrad = false,
        bool maximize = false)
        : this([new ParamGroup { Parameters = parameters }], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)
    {
    }

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public Adam(
        IEnumerable<ParamGroup> parameters,
        double lr = 0.001,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double eps = 1e-08,
        double weight_decay = 0,
        bool amsgrad = false,
        bool maximize = false)
    {
        AdamChecks.RequireValid(lr, beta1, beta2, eps, weight_decay);
        _defaults = new Options
        {
            LearningRate = lr,
            InitialLearningRate = lr,
            beta1 = beta1,
            beta2 = beta2,
            eps = eps,
            weight_decay = weight_decay,
            amsgrad = amsgrad,
            maximize = maximize,
        };
        foreach (ParamGroup group in parameters)
            add_param_group(group);
    }

    /// <summary>The defaults for groups added later.</summary>
    public (double, double) Betas
    {
        get => (_defaults.beta1!.Value, _defaults.beta2!.Value);
        set => (_defaults.beta1, _defaults.beta2) = value;
    }

    private protected override OptimizerOptions Complete(OptimizerOptions? options)
    {
        Options own = options as Options ?? new Options();
        own.LearningRate ??= _defaults.LearningRate;
        own.beta1 ??= _defaults.beta1;
        own.beta2 ??= _defaults.beta2;
        own.eps ??= _defaults.eps;
        own.weight_decay ??= _defaults.weight_decay;
        own.amsgrad ??= _defaults.amsgrad;
        own.maximize ??= _defaults.maximize;
        return own;
    }

    private protected override OptimizerState NewState(Parameter parameter) => new State(parameter);

    private protected override void BeginGroup(OptimizerOptions options)
    {
        var own = (Options)options;
        _kernel.Rule = new AdamRule(
            own.beta1!.Value,
            own.beta2!.Value,
            own.eps!.Value,
            own.LearningRate!.Value,
            own.weight_decay!.Value,
            Decoupled: false,
            own.amsgrad!.Value,
            own.maximize!.Value);
    }

    private protected override void Update(Parameter parameter, Tensor grad, OptimizerState state)
    {
        var own = (State)state;
        own.step++;
        _kernel.Update(parameter, grad, own.exp_avg, own.exp_avg_sq, own.max_exp_avg_sq, own.step);
    }
}
