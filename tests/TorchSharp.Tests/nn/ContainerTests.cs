using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Tests;

public sealed class ContainerTests
{
    [Fact]
    public void Sequential_applies_its_modules_in_order()
    {
        using Linear first = nn.Linear(Samples.DoubleParameter(1, 4, 3), Samples.DoubleParameter(2, 4));
        using Linear second = nn.Linear(Samples.DoubleParameter(3, 2, 4));
        using Sequential sequence = nn.Sequential(("in", first), ("act", nn.SiLU()), ("out", second));
        using Tensor x = Samples.Doubles(4, 5, 3);
        using Tensor expected = nn.functional.linear(nn.functional.silu(nn.functional.linear(x, first.weight, first.bias)), second.weight);
        Samples.Near(Samples.Values(expected), sequence.call(x));
        Assert.Equal(["in.weight", "in.bias", "out.weight"], sequence.named_parameters().Select(static pair => pair.name));
        Assert.Equal(3, sequence.Count);
        Assert.Same(second, sequence[2]);
    }

    [Fact]
    public void Sequential_passes_gradients_although_it_disposes_intermediates()
    {
        using Linear first = nn.Linear(Samples.DoubleParameter(1, 4, 3));
        using Linear second = nn.Linear(Samples.DoubleParameter(2, 1, 4));
        using Sequential sequence = nn.Sequential(first, nn.SiLU(), second);
        using Tensor x = Samples.Doubles(3, 6, 3);
        sequence.call(x).sum().backward();
        using Tensor? grad = first.weight.grad;
        Assert.Contains(Samples.Values(grad!), static value => value != 0);
    }

    [Fact]
    public void An_empty_sequence_returns_another_handle_to_its_input()
    {
        using Sequential sequence = nn.Sequential();
        using Tensor x = Samples.Doubles(1, 2);
        Tensor y = sequence.call(x);
        Assert.NotSame(x, y);
        y.Dispose();
        Assert.False(x.IsInvalid);
    }

    [Fact]
    public void A_list_behaves_as_a_list()
    {
        using ModuleList<Linear> list = nn.ModuleList<Linear>();
        Linear[] items = Enumerable.Range(0, 4).Select(static i => nn.Linear(Samples.FloatParameter(i, 2, 2))).ToArray();
        list.Add(items[0]);
        list.append(items[1]);
        list.extend([items[2]]);
        list.Insert(0, items[3]);
        Assert.Equal([items[3], items[0], items[1], items[2]], list);
        Assert.Equal(1, list.IndexOf(items[0]));
        list.RemoveAt(0);
        Assert.DoesNotContain(items[3], list);
        Assert.Equal(3, list.Count);
    }

    [Fact]
    public void A_dictionary_keeps_the_order_of_its_entries()
    {
        using ModuleDict<nn.Module> dictionary = nn.ModuleDict<nn.Module>(("b", nn.SiLU()), ("a", nn.GELU()));
        Assert.Equal(["b", "a"], dictionary.Keys);
        Assert.IsType<GELU>(dictionary["a"]);
        Assert.Equal("a", dictionary[1].Item1);
        dictionary["a"] = nn.SiLU();
        Assert.IsType<SiLU>(dictionary["a"]);
        Assert.True(dictionary.Remove("b"));
        Assert.Equal(["a"], dictionary.keys());
        Assert.Throws<ArgumentOutOfRangeException>(() => dictionary["c"] = nn.SiLU());
        Assert.Throws<ArgumentException>(() => dictionary.to(ScalarType.Float64));
    }

    [Fact]
    public void A_parameter_list_names_and_converts_its_parameters()
    {
        using ParameterList list = nn.ParameterList(Samples.FloatParameter(1, 2), Samples.FloatParameter(2, 3));
        Parameter first = list[0];
        list.append(Samples.FloatParameter(3, 4));
        Assert.Equal(["0", "1", "2"], list.named_parameters().Select(static pair => pair.name));
        Assert.Equal(["0", "1", "2"], list.state_dict().Keys);
        Assert.True(list.has_parameter("2"));
        Assert.False(list.has_parameter("3"));
        list.to(ScalarType.Float64);
        Assert.True(first.IsInvalid);
        Assert.All(list, static parameter => Assert.Equal(ScalarType.Float64, parameter.dtype));
    }

    [Fact]
    public void Assigning_a_weight_disposes_the_former_one()
    {
        using Linear linear = nn.Linear(Samples.FloatParameter(1, 2, 3));
        Parameter old = linear.weight;
        Parameter replacement = Samples.FloatParameter(2, 2, 3);
        linear.weight = replacement;
        Assert.True(old.IsInvalid);
        Assert.Same(replacement, linear.get_parameter("weight"));
        Assert.Equal((3, 2), (linear.in_features, linear.out_features));
        Assert.Null(linear.bias);
    }

    [Fact]
    public void Embedding_looks_rows_up_and_sums_their_gradients()
    {
        using Tensor table = Samples.Doubles(1, 5, 3);
        using Embedding embedding = nn.Embedding_from_pretrained(table, freeze: false);
        using Tensor ids = tensor(new long[] { 4, 0, 4, 2 }, [2, 2]);
        using Tensor rows = embedding.call(ids);
        Assert.Equal([2, 2, 3], rows.shape);
        double[] values = Samples.Values(table);
        Samples.Near([.. values[12..15], .. values[0..3], .. values[12..15], .. values[6..9]], rows);
        rows.sum().backward();
        using Tensor? grad = embedding.weight!.grad;
        Samples.Near([1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 2, 2, 2], grad!);
    }

    [Fact]
    public void Parameterless_modules_take_no_state()
    {
        using SiLU module = nn.SiLU();
        Assert.Throws<InvalidOperationException>(() => module.register_parameter("a", Samples.FloatParameter(1, 2)));
        Assert.Throws<InvalidOperationException>(() => module.register_buffer("a", Samples.Floats(1, 2)));
        Assert.Same(module, module.to(ScalarType.Float64));
    }
}
