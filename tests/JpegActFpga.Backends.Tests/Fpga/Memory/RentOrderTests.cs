using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Fpga.Buffers;

namespace JpegActFpga.Backends.Tests.Fpga.Memory;

/// <summary>Batches get their buffers in the order in which they were taken, so that no part waits for one behind it.</summary>
public sealed class RentOrderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 180_000)]
    public async Task A_batch_waits_for_those_before_it_and_for_no_others()
    {
        var order = new RentOrder(Wait.Patience);
        order.Await(0);
        Task second = Task.Run(() => order.Await(2), Token);
        order.Pass(1); // had nothing to rent
        await Assert.ThrowsAsync<TimeoutException>(() => second.WaitAsync(TimeSpan.FromMilliseconds(100), Token));
        order.Pass(0);
        await second.WaitAsync(Token);
        order.Pass(2);
        order.Await(3);
    }

    [Fact]
    public void The_order_is_given_up_where_one_before_never_comes()
    {
        var order = new RentOrder(TimeSpan.FromMilliseconds(50));
        order.Await(1);
        order.Pass(1);
        order.Pass(0);
        order.Await(2);
    }
}
