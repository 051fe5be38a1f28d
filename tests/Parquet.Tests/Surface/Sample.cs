namespace Parquet.Tests.Surface;

/// <summary>A type whose rendering is known.</summary>
public sealed class Sample : IDisposable
{
    public const int Most = 3;

    public double Rate { get; private set; }

    public static Task<int> Run<T>(T? value = null, bool flag = true, params string[] names)
        where T : struct => Task.FromResult(0);

    public void Dispose() => Rate = 0;

    public override string ToString() => "";
}
