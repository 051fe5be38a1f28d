using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Tests;

public sealed class ModuleTests
{
    [Fact]
    public void Names_follow_the_tree()
    {
        using var block = new Block();
        Assert.Equal(
            ["scale", "proj.weight", "proj.bias", "layers.0.weight", "layers.1.weight", "heads.main.weight"],
            block.named_parameters().Select(static pair => pair.name));
        Assert.Equal(["scale"], block.named_parameters(recurse: false).Select(static pair => pair.name));
        Assert.Equal(["proj", "layers", "heads"], block.named_children().Select(static pair => pair.name));
        Assert.Equal(
            ["proj", "layers", "heads", "layers.0", "layers.1", "heads.main"],
            block.named_modules().Select(static pair => pair.name));
        Assert.Equal(block.parameters().Count(), block.named_parameters().Count());
        Assert.Same(block.Layers[1].weight, block.get_parameter("layers.1.weight"));
        Assert.True(block.has_parameter("proj.bias"));
        Assert.False(block.has_parameter("layers.2.weight"));
        Assert.Null(block.get_parameter("nothing.here"));
    }

    [Fact]
    public void Fields_are_registered_by_their_names_and_shared_parameters_listed_once()
    {
        using var module = new FieldNames();
        Assert.Equal(["_first", "second"], module.named_parameters().Select(static pair => pair.name));
        Assert.Equal(["_table"], module.named_buffers().Select(static pair => pair.name));
        Assert.True(module.has_parameter("_again")); // registered, but the same object as _first
    }

    [Fact]
    public void A_parent_registers_the_fields_of_its_children()
    {
        using nn.Module parent = nn.ModuleList<nn.Module>(new LateFields());
        var root = new Holder(parent);
        Assert.Equal(["list.0.late"], root.named_parameters().Select(static pair => pair.name));
    }

    [Fact]
    public void Names_are_checked()
    {
        using var module = new Plain();
        module.register_parameter("a", Samples.DoubleParameter(1, 2));
        Assert.Throws<InvalidOperationException>(() => module.register_parameter("a", Samples.DoubleParameter(2, 2)));
        Assert.Throws<ArgumentNullException>(() => module.register_parameter("b", null!));
        Assert.Throws<ArgumentException>(() => module.register_module("a.b", new Plain()));
        Assert.Throws<ArgumentException>(() => module.register_module("", new Plain()));
        module.register_module("child", new Plain());
        Assert.Throws<InvalidOperationException>(() => module.register_module("child", new Plain()));
        module.register_module("child", null!);
        Assert.False(module.named_children().Any());
    }

    [Fact]
    public void Non_persistent_buffers_are_neither_listed_nor_saved_nor_converted()
    {
        using var module = new Plain();
        module.register_parameter("weight", Samples.FloatParameter(1, 2));
        module.register_buffer("kept", Samples.Floats(2, 2));
        module.register_buffer("table", Samples.Floats(3, 2), persistent: false);

        Assert.Equal(["kept"], module.named_buffers(include_nonpersistent: true).Select(static pair => pair.name));
        Assert.Equal(["weight", "kept"], module.state_dict().Keys);
        Assert.True(module.has_buffer("table"));
        module.to(ScalarType.Float64);
        Assert.Equal(ScalarType.Float64, module.get_parameter("weight")!.dtype);
        Assert.Equal(ScalarType.Float64, module.get_buffer("kept")!.dtype);
        Assert.Equal(ScalarType.Float32, module.get_buffer("table")!.dtype);
    }

    [Fact]
    public void Conversion_replaces_parameters_and_keeps_gradients()
    {
        using var block = new Block();
        Parameter before = block.get_parameter("proj.weight")!;
        double[] values = Samples.Values(before);
        before.grad = ones_like(before);
        Assert.Same(block, block.to(ScalarType.Float64));

        Parameter after = block.get_parameter("proj.weight")!;
        Assert.NotSame(before, after);
        Assert.True(before.IsInvalid);
        Assert.Same(after, block.Projection.weight);
        Assert.Equal(ScalarType.Float64, after.dtype);
        Assert.True(after.requires_grad && after.is_leaf);
        Samples.Near(values, after);
        using Tensor? grad = after.grad;
        Assert.Equal(ScalarType.Float64, grad!.dtype);
        Samples.Near(Enumerable.Repeat(1.0, values.Length).ToArray(), grad);
        Assert.All(block.parameters(), static parameter => Assert.Equal(ScalarType.Float64, parameter.dtype));
    }

    [Fact]
    public void Conversion_to_the_same_type_changes_nothing_and_to_an_integer_type_is_refused()
    {
        using var block = new Block();
        Parameter[] before = block.parameters().ToArray();
        block.to(ScalarType.Float32);
        Assert.Equal(before, block.parameters(), ReferenceEqualityComparer.Instance);
        Assert.Throws<ArgumentException>(() => block.to(ScalarType.Int64));
        Assert.Throws<InvalidOperationException>(() => block.to(DeviceType.CUDA));
    }

    [Fact]
    public void State_is_copied_with_conversion_into_the_existing_parameters()
    {
        using var source = new Block(seed: 5);
        using var target = new Block(seed: 6);
        source.to(ScalarType.BFloat16);
        Parameter before = target.get_parameter("scale")!;
        var (missing, unexpected) = target.load_state_dict(source.state_dict());
        Assert.Empty(missing);
        Assert.Empty(unexpected);
        Assert.Same(before, target.get_parameter("scale"));
        Assert.Equal(ScalarType.Float32, before.dtype);
        foreach (var (name, tensor) in source.state_dict())
            Samples.Near(Samples.Values(tensor), target.state_dict()[name]);
        Assert.True(before.requires_grad && before.is_leaf);
    }

    [Fact]
    public void Key_differences_are_reported_or_refused()
    {
        using var module = new Block();
        Dictionary<string, Tensor> state = module.state_dict().ToDictionary(static pair => pair.Key, static pair => pair.Value.detach().clone());
        state.Remove("scale");
        state["extra"] = Samples.Floats(1, 1);
        Assert.Throws<InvalidOperationException>(() => module.load_state_dict(state));
        var (missing, unexpected) = module.load_state_dict(state, strict: false);
        Assert.Equal(["scale"], missing);
        Assert.Equal(["extra"], unexpected);
        (missing, unexpected) = module.load_state_dict(state, strict: true, skip: ["scale", "extra"]);
        Assert.Empty(missing);
        Assert.Empty(unexpected);
    }

    [Fact]
    public void Training_mode_and_functions_reach_all_modules()
    {
        using var block = new Block();
        Assert.All(block.modules(), static module => Assert.True(module.training));
        block.eval();
        Assert.False(block.training);
        Assert.All(block.modules(), static module => Assert.False(module.training));
        block.train();
        Assert.All(block.modules(), static module => Assert.True(module.training));
        var visited = new List<nn.Module>();
        block.apply(visited.Add);
        Assert.Equal(block.modules().Count() + 1, visited.Count);
        Assert.Same(block, visited[^1]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Zero_grad_drops_or_clears_gradients(bool setToNone)
    {
        using var block = new Block();
        foreach (Parameter parameter in block.parameters())
            parameter.grad = ones_like(parameter);
        block.zero_grad(setToNone);
        foreach (Parameter parameter in block.parameters())
        {
            using Tensor? grad = parameter.grad;
            if (setToNone)
                Assert.Null(grad);
            else
                Samples.Near(new double[parameter.numel()], grad!);
        }
    }

    [Fact]
    public void Disposing_a_module_disposes_everything_it_owns()
    {
        var block = new Block();
        block.register_buffer("table", Samples.Floats(3, 2));
        List<Tensor> owned = [.. block.parameters(), .. block.buffers()];
        block.Dispose();
        Assert.All(owned, static tensor => Assert.True(tensor.IsInvalid));
    }

    [Fact]
    public void A_parameter_takes_over_its_data_and_the_place_in_its_scope()
    {
        Parameter scoped;
        using (NewDisposeScope())
        {
            Tensor data = Samples.Doubles(1, 3);
            scoped = new Parameter(data);
            Assert.True(data.IsInvalid);
            Assert.True(scoped.requires_grad && scoped.is_leaf);
        }

        Assert.True(scoped.IsInvalid);

        Tensor free = Samples.Doubles(2, 3);
        Parameter kept;
        using (NewDisposeScope())
            kept = new Parameter(free, requires_grad: false);
        Assert.False(kept.IsInvalid);
        Assert.False(kept.requires_grad);
        kept.Dispose();
    }

    private sealed class Plain() : nn.Module("plain");

    private sealed class Holder : nn.Module
    {
        internal Holder(nn.Module list)
            : base("holder") => register_module("list", list);
    }

    private sealed class Heads : nn.Module
    {
        internal Heads(Linear main)
            : base("heads") => register_module("main", main);
    }

    private sealed class LateFields() : nn.Module("late")
    {
        public readonly Parameter late = Samples.FloatParameter(1, 2);
    }

    private sealed class FieldNames : nn.Module
    {
        private readonly Parameter _first = Samples.FloatParameter(1, 2);
        private readonly Parameter _again;
        public readonly Parameter second = Samples.FloatParameter(2, 2);
        private readonly Tensor _table = Samples.Floats(3, 2);

        internal FieldNames()
            : base("fields")
        {
            _again = _first;
            RegisterComponents();
            Assert.Same(_again, get_parameter("_first"));
            Assert.Same(_table, get_buffer("_table"));
        }
    }

    private sealed class Block : nn.Module
    {
        internal Block(int seed = 1)
            : base("block")
        {
            Projection = nn.Linear(Samples.FloatParameter(seed, 4, 3), Samples.FloatParameter(seed + 10, 4));
            Layers = nn.ModuleList(nn.Linear(Samples.FloatParameter(seed + 20, 2, 2)), nn.Linear(Samples.FloatParameter(seed + 30, 2, 2)));
            register_parameter("scale", Samples.FloatParameter(seed + 40, 4));
            register_module("proj", Projection);
            register_module("layers", Layers);
            register_module("heads", new Heads(nn.Linear(Samples.FloatParameter(seed + 50, 2, 4))));
        }

        internal Linear Projection { get; }

        internal ModuleList<Linear> Layers { get; }
    }
}
