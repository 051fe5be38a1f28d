namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Anything callable with one argument; <see cref="Modules.Sequential"/> holds its parts as such.</summary>
        public interface IModule<T, TResult>
        {
            TResult call(T input1);
        }
    }
}
