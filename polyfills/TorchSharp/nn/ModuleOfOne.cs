namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>A module whose forward takes one argument.</summary>
        public abstract class Module<T, TResult>
            : HookableModule<Func<Module<T, TResult>, T, T>, Func<Module<T, TResult>, T, TResult, TResult>>, IModule<T, TResult>
        {
            protected Module(string name)
                : base(name)
            {
            }

            /// <summary>Runs <see cref="forward"/>; in the package also the registered hooks.</summary>
            public TResult call(T input) => forward(input);

            public abstract TResult forward(T input);
        }
    }
}
