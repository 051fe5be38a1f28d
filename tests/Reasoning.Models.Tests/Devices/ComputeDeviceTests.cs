using Reasoning.Models.Devices;

namespace Reasoning.Models.Tests.Devices;

public sealed class ComputeDeviceTests
{
    [Fact]
    public void The_processor_is_always_there()
    {
        ComputeDevice cpu = ComputeDevice.Choose("cpu");
        Assert.Equal("cpu", cpu.Name);
        Assert.True(cpu.IsCpu);
    }

    [Fact]
    public void Auto_says_why_it_chose()
    {
        ComputeDevice device = ComputeDevice.Choose("auto");
        Assert.StartsWith("auto: ", device.Reason, StringComparison.Ordinal);
        if (!ComputeDevice.HasCuda)
            Assert.Contains("-p:Device=cpu", device.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cuda")]
    [InlineData("cuda:99")]
    public void A_device_that_is_not_there_is_refused_with_what_was_probed(string choice)
    {
        Assert.SkipWhen(ComputeDevice.HasCuda && choice == "cuda", "this program has CUDA");
        string message = Assert.Throws<UserErrorException>(() => ComputeDevice.Choose(choice)).Message;
        Assert.Contains("docs/devices.md", message, StringComparison.Ordinal);
        Assert.Contains(ComputeDevice.HasCuda ? "there " : "-p:Device=cuda", message, StringComparison.Ordinal);
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
