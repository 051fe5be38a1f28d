namespace Reasoning.Models.Tests.Devices;

public sealed class ComputeDeviceTests
{
    [Fact]
    public void The_processor_is_there_on_every_backend()
    {
        ComputeDevice cpu = ComputeDevice.Choose("cpu");
        Assert.Equal("cpu", cpu.Name);
        Assert.True(cpu.IsCpu);
        Assert.Equal((0, 1), (cpu.Rank, cpu.WorldSize));
    }

    [Fact]
    public void Auto_says_why_it_chose()
    {
        ComputeDevice device = ComputeDevice.Choose("auto");
        Assert.StartsWith("auto: ", device.Reason, StringComparison.Ordinal);
        if (BuiltBackend.Name != BuiltBackend.Cuda)
            Assert.Contains($"Backend={BuiltBackend.Name}", device.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cuda")]
    [InlineData("cuda:99")]
    public void A_device_that_is_not_there_is_refused_with_what_was_probed(string choice)
    {
        if (BuiltBackend.Name == BuiltBackend.Cuda && choice == "cuda")
            return;
        string message = Assert.Throws<UserErrorException>(() => ComputeDevice.Choose(choice)).Message;
        Assert.Contains("docs/devices.md", message, StringComparison.Ordinal);
        if (BuiltBackend.Name == BuiltBackend.Embedded)
            Assert.Contains("-p:Backend=cuda", message, StringComparison.Ordinal);
        else if (BuiltBackend.Name != BuiltBackend.Cuda && OperatingSystem.IsLinux())
            Assert.Contains("libtorch_cuda.so (by name): ", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:x")]
    [InlineData("")]
    public void Other_words_are_refused(string choice) =>
        Assert.Contains($"--device is '{choice}'", Assert.Throws<UserErrorException>(() => ComputeDevice.Choose(choice)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_library_that_does_not_exist_is_reported_with_the_words_of_the_loader()
    {
        NativeLibraryProbe probe = NativeLibraryProbe.Load("libno-such-library.so.1");
        Assert.Null(probe.Path);
        Assert.Contains("no-such-library", probe.Error, StringComparison.Ordinal);
    }
}
