namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>The package's place for forward hooks. The embedded backend has none: the type keeps the class hierarchy the same.</summary>
        public class HookableModule<TPreHook, TPostHook> : Module
        {
            private protected HookableModule(string name)
                : base(name)
            {
            }
        }
    }
}
