using System.Collections;
using System.Globalization;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Parameters in a list, named "0", "1", … as they stand at the time of asking.</summary>
public class ParameterList : nn.Module, IList<Parameter>
{
    private readonly List<Parameter> _list = [];

    public ParameterList(params Parameter[] parameters)
        : base(nameof(ParameterList)) => _list.AddRange(parameters);

    public int Count => _list.Count;

    public bool IsReadOnly => false;

    public Parameter this[int index]
    {
        get => _list[index];
        set => _list[index] = value;
    }

    public void Add(Parameter item) => _list.Add(item);

    public void append(params Parameter[] parameters) => _list.AddRange(parameters);

    public void extend(IEnumerable<Parameter> parameters) => _list.AddRange(parameters);

    public void Insert(int index, Parameter item) => _list.Insert(index, item);

    public bool Remove(Parameter item) => _list.Remove(item);

    public void RemoveAt(int index) => _list.RemoveAt(index);

    public void Clear() => _list.Clear();

    public bool Contains(Parameter item) => _list.Contains(item);

    public int IndexOf(Parameter item) => _list.IndexOf(item);

    public void CopyTo(Parameter[] array, int arrayIndex) => _list.CopyTo(array, arrayIndex);

    public IEnumerator<Parameter> GetEnumerator() => _list.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
        => _list.Select(static (parameter, i) => (i.ToString(CultureInfo.InvariantCulture), parameter));

    public override bool has_parameter(string target) => get_parameter(target) is not null;

    public override Parameter? get_parameter(string target)
        => int.TryParse(target, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < _list.Count ? _list[index] : null;

    /// <summary>The list itself names its parameters.</summary>
    protected override void RegisterComponents()
    {
    }

    protected override void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
    {
        for (int i = 0; i < _list.Count; i++)
        {
            if (!ReplaceParameter(dtype, device, _list[i], out Parameter? replacement))
                continue;
            _list[i].Dispose();
            _list[i] = replacement!;
        }
    }
}
