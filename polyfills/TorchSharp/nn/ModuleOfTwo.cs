namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>A module whose forward takes two arguments.</summary>
        public abstract class Module<T1, T2, TResult>
            : HookableModule<Func<Module<T1, T2, TResult>, T1, T2, (T1, T2)?>, Func<Module<T1, T2, TResult>, T1, T2, TResult, TResult>>
        {
            protected Module(string name)
                : base(name)
            {
            }

            /// <summary>Runs <see cref="forward"/>; in the package also the registered hooks.</summary>
            public TResult call(T1 input1, T2 input2) => forward(input1, input2);

            public abstract TResult forward(T1 input1, T2 input2);
        }
    }
}
