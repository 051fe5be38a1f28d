using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// Stochastic gradient descent with momentum b ← μ·b + (1 − dampening)·g, b = g at the first step; the update direction is b,
/// or g + μ·b with Nesterov. Weight decay adds decay·p to the gradient before anything else, and
/// <c>maximize</c> flips the sign of the whole update, decay included: as in the package, not as in Python.
/// </summary>
public partial class SGD : OptimizerHelper
{
    private readonly SgdKernel _kernel = new();
    private readonly Options _defaults;

    /// <exception cref="ArgumentException">A value is out of range, or Nesterov is asked for without momentum or with dampening.</exception>
    public SGD(
        IEnumerable<Parameter> parameters,
        double lr,
        double momentum = 0,
        double dampening = 0,
        double weight_decay = 0,
        bool nesterov = false,
        bool maximize = false)
        : this([new ParamGroup { Parameters = parameters }], lr, momentum, dampening, weight_decay, nesterov, maximize)
    {
    }

    /// <exception cref="ArgumentException">A value is out of range, or Nesterov is asked for without momentum or with dampening.</exception>
    public SGD(
        IEnumerable<ParamGroup> parameters,
        double lr,
        double momentum = 0,
        double dampening = 0,
        double weight_decay = 0,
        bool nesterov = false,
        bool maximize = false)
    {
        if (lr < 0)
            throw new ArgumentException($"Invalid learning rate: {lr}");
        if (momentum < 0)
            throw new ArgumentException($"Invalid momentum value: {momentum}");
        if (weight_decay < 0)
            throw new ArgumentException($"Invalid weight_decay value: {weight_decay}");
        if (nesterov && (momentum == 0 || dampening != 0))
            throw new ArgumentException("Nesterov momentum requires a momentum and zero dampening");
        _defaults = new Options
        {
            LearningRate = lr,
            InitialLearningRate = lr,
            momentum = momentum,
            dampening = dampening,
            weight_decay = weight_decay,
            nesterov = nesterov,
            maximize = maximize,
        };
        foreach (ParamGroup group in parameters)
            add_param_group(group);
    }

    /// <summary>The default for groups added later.</summary>
    public double Momentum
    {
        get => _defaults.momentum!.Value;
        set => _defaults.momentum = value;
    }

    private protected override OptimizerOptions Complete(OptimizerOptions? options)
    {
        Options own = options as Options ?? new Options();
        own.LearningRate ??= _defaults.LearningRate;
        own.momentum ??= _defaults.momentum;
        own.dampening ??= _defaults.dampening;
        own.weight_decay ??= _defaults.weight_decay;
        own.nesterov ??= _defaults.nesterov;
        own.maximize ??= _defaults.maximize;
        return own;
    }

    private protected override OptimizerState NewState(Parameter parameter) => new State(parameter);

    private protected override void BeginGroup(OptimizerOptions options)
    {
        var own = (Options)options;
        _kernel.Rule = new SgdRule(
            own.LearningRate!.Value,
            own.momentum!.Value,
            own.dampening!.Value,
            own.weight_decay!.Value,
            own.nesterov!.Value,
            own.maximize!.Value);
    }

    private protected override void Update(Parameter parameter, Tensor grad, OptimizerState state)
        => _kernel.Update(parameter, grad, ref ((State)state).momentum_buffer);
}
