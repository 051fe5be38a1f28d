using Reasoning.Models.Devices;

namespace Reasoning.Models.Tests.Devices;

public sealed class DeviceMemoryTests
{
    [Theory]
    [InlineData(0, null, 0)]
    [InlineData(2, "", 2)]
    [InlineData(0, "3,1", 3)]
    [InlineData(1, "3, 1", 1)]
    [InlineData(2, "3,1", -1)]
    [InlineData(0, "GPU-8932f937", -1)]
    public void A_renumbered_device_is_asked_for_by_the_drivers_number(int index, string? visible, int expected) =>
        Assert.Equal(expected, DeviceMemory.PhysicalIndex(index, visible));

    [Fact]
    public void Main_memory_is_no_device_memory() => Assert.Null(DeviceMemory.Of(ComputeDevice.Cpu));
}
