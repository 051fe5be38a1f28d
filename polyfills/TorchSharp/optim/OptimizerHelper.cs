using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>State keeping shared by the optimizers: one state object per parameter, saved and loaded in group order.</summary>
public abstract class OptimizerHelper : optim.Optimizer
{
    private readonly Dictionary<Tensor, OptimizerState> _states = new(ReferenceEqualityComparer.Instance);

    private protected OptimizerHelper()
    {
    }

    private protected IEnumerable<OptimizerState> States => _states.Values;

    /// <summary>Adds parameters with their own options; options left null take the optimizer's defaults.</summary>
    public override void add_param_group(ParamGroup param_group)
    {
        OptimizerOptions options = param_group.Options = Complete(param_group.Options);
        options.InitialLearningRate = options.LearningRate!.Value;
        Groups.Add(param_group);
        foreach (Parameter parameter in param_group.Parameters)
        {
            OptimizerState state = NewState(parameter);
            state.Initialize(options);
            _states[parameter] = state;
        }
    }

    public override Tensor? step(Func<Tensor>? closure = null)
    {
        Tensor? loss = null;
        if (closure is not null)
        {
            using var _ = enable_grad();
            loss = closure();
        }

        using var noGrad = no_grad();
        foreach (ParamGroup group in Groups)
        {
            BeginGroup(group.Options);
            foreach (Parameter parameter in group.Parameters)
            {
                OptimizerState state = StateOf(parameter);
                using Tensor? grad = parameter.grad;
                if (grad is not null)
                    Update(parameter, grad, state);
            }
        }

        return loss;
    }

    public virtual StateDictionary state_dict()
    {
        var dictionary = new StateDictionary();
        foreach (ParamGroup group in Groups)
        {
            dictionary.Options.Add(group.Options);
            var indices = new List<int>();
            dictionary.StateIndexRef.Add(indices);
            foreach (Parameter parameter in group.Parameters)
            {
                indices.Add(dictionary.State.Count);
                dictionary.State.Add(StateOf(parameter));
            }
        }

        return dictionary;
    }

    /// <exception cref="ArgumentException">The numbers of groups or parameters differ.</exception>
    public virtual void load_state_dict(StateDictionary state_dict)
    {
        StateDictionary own = this.state_dict();
        RequireSameCounts(own, state_dict.Options.Count, state_dict.State.Count);
        for (int i = 0; i < own.Options.Count; i++)
        {
            if (own.Options[i] != state_dict.Options[i])
                own.Options[i].LoadStateDict(state_dict.Options[i]);
        }

        for (int i = 0; i < own.State.Count; i++)
        {
            if (own.State[i] != state_dict.State[i])
                own.State[i].LoadStateDict(state_dict.State[i]);
        }
    }

    public void save_state_dict(string location)
    {
        using var writer = new BinaryWriter(File.Create(location));
        save_state_dict(writer);
    }

    public void load_state_dict(string location)
    {
        using var reader = new BinaryReader(File.OpenRead(location));
        load_state_dict(reader);
    }

    /// <summary>Writes the optimizer's name, the options of each group and the state of each parameter, bit-exactly.</summary>
    public void save_state_dict(BinaryWriter writer)
    {
        StateDictionary dictionary = state_dict();
        writer.Write(GetType().Name);
        writer.Write7BitEncodedInt64(dictionary.Options.Count);
        writer.Write7BitEncodedInt64(dictionary.State.Count);
        foreach (OptimizerOptions options in dictionary.Options)
            options.SaveStateDict(writer);
        foreach (OptimizerState state in dictionary.State)
            state.SaveStateDict(writer);
    }

    /// <summary>Reads what <see cref="save_state_dict(BinaryWriter)"/> wrote for the same parameters in the same order.</summary>
    /// <exception cref="InvalidDataException">The stream holds another optimizer's state.</exception>
    /// <exception cref="ArgumentException">The numbers of groups or parameters, or a tensor's dtype or shape, differ.</exception>
    public void load_state_dict(BinaryReader reader)
    {
        string name = reader.ReadString();
        if (name != GetType().Name)
            throw new InvalidDataException($"Mismatched optimizer type: expected '{GetType().Name}', but found '{name}' in the loaded stream.");
        StateDictionary own = state_dict();
        RequireSameCounts(own, reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64());
        foreach (OptimizerOptions options in own.Options)
            options.LoadStateDict(reader);
        foreach (OptimizerState state in own.State)
            state.LoadStateDict(reader);
    }

    /// <summary>Moves the state's tensors to another device.</summary>
    public void to(Device device)
    {
        foreach (OptimizerState state in States)
            state.to(device);
    }

    protected override void Dispose(bool disposing)
    {
        foreach (OptimizerState state in _states.Values)
            (state as IDisposable)?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The given options, or new ones, with the optimizer's defaults where nothing is set.</summary>
    private protected abstract OptimizerOptions Complete(OptimizerOptions? options);

    private protected abstract OptimizerState NewState(Parameter parameter);

    /// <summary>Takes over the options for the updates that follow.</summary>
    private protected abstract void BeginGroup(OptimizerOptions options);

    private protected abstract void Update(Parameter parameter, Tensor grad, OptimizerState state);

    private OptimizerState StateOf(Parameter parameter)
        => _states.TryGetValue(parameter, out OptimizerState? state)
            ? state
            : throw new KeyNotFoundException(
                $"The optimizer does not know the parameter of shape {Errors.Text(parameter.shape)}: was the model converted after the optimizer was made?");

    private static void RequireSameCounts(StateDictionary own, long groups, long states)
    {
        if (groups != own.Options.Count)
            throw new ArgumentException("Invalid optimizer state -- different number of parameter groups.");
        if (states != own.State.Count)
            throw new ArgumentException("Invalid optimizer state -- different number of states.");
    }
}
