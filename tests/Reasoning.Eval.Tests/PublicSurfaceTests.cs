namespace Reasoning.Eval.Tests;

public sealed class PublicSurfaceTests
{
    [Fact]
    public void The_public_surface_is_as_stored() => PublicSurface.Match(typeof(Evaluator).Assembly);
}
