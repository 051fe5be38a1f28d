namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>Carries what a custom function's forward pass leaves for its backward pass.</summary>
        public class AutogradContext : IDisposable
        {
            private readonly Node _node;
            private readonly Dictionary<string, object> _data = [];
            private List<Tensor>? _tensors;
            private SavedTensor?[] _saved = [];

            internal AutogradContext(Node node) => _node = node;

            /// <summary>Whether missing gradients of outputs reach backward as zeros (the default) or as invalid tensors.</summary>
            public bool MaterializeGrads { get; private set; } = true;

            internal List<Tensor> Dirty { get; private set; } = [];

            internal List<Tensor> NonDifferentiable { get; private set; } = [];

            public void save_for_backward(List<Tensor> tensors) => _tensors = tensors;

            public void save_data(string key, object value) => _data[key] = value;

            public object get_data(string key) => _data.GetValueOrDefault(key)!;

            public void mark_dirty(List<Tensor> tensors) => Dirty = [.. tensors];

            public void mark_non_differentiable(List<Tensor> tensors) => NonDifferentiable = [.. tensors];

            public void set_materialize_grads(bool value) => MaterializeGrads = value;

            /// <summary>The saved tensors; throws if one of them was modified in place since.</summary>
            public List<Tensor> get_saved_variables()
            {
                var tensors = new List<Tensor>(_saved.Length);
                foreach (SavedTensor? saved in _saved)
                    tensors.Add(saved?.Unpack(_node)!);
                return tensors;
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing) => Release();

            internal void Save(List<Tensor> outputs)
            {
                if (_tensors is null)
                    return;
                _saved = new SavedTensor?[_tensors.Count];
                for (int i = 0; i < _saved.Length; i++)
                {
                    Tensor tensor = _tensors[i];
                    if (tensor is { IsInvalid: false })
                        _saved[i] = new SavedTensor(tensor, outputs.Exists(o => o is { IsInvalid: false } && ReferenceEquals(o.Impl, tensor.Impl)));
                }

                _tensors = null;
            }

            internal void Release()
            {
                foreach (SavedTensor? saved in _saved)
                    saved?.Release();
            }
        }
    }
}
