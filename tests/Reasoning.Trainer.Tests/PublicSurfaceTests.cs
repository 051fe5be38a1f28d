using Reasoning.Llama;

namespace Reasoning.Trainer.Tests;

public sealed class PublicSurfaceTests
{
    [Fact]
    public void The_public_surface_of_the_second_engine_is_as_stored() => PublicSurface.Match(typeof(LlamaEngine).Assembly);
}
